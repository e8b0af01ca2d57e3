// Which call waits for which of the engine's replies.
//
// Threads: thread-safe.
#ifndef CAVIAR_COORDINATOR_SERVICE_REPLY_TABLE_H_
#define CAVIAR_COORDINATOR_SERVICE_REPLY_TABLE_H_

#include <cstdint>
#include <optional>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "common/sync/mutex.h"
#include "coordinator/engine/effects.h"

namespace caviar::service {

using Answer = decltype(engine::Reply::answer);

class ReplyTable {
 public:
  using OnAnswer = absl::AnyInvocable<void(Answer)>;

  // A new id; `on_answer` is what Take returns for it, once.
  engine::RequestId Expect(OnAnswer on_answer);
  // Nothing for an id that is unknown, taken or forgotten.
  std::optional<OnAnswer> Take(engine::RequestId request);
  // The request was never posted.
  void Forget(engine::RequestId request);

 private:
  Mutex mutex_;
  uint64_t newest_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<engine::RequestId, OnAnswer> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_REPLY_TABLE_H_
