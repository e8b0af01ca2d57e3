// Ends a call whose peer has said nothing for too long: what it holds (a stream, an upload's place)
// is bounded in number, and others wait for it.
//
// Threads:   thread-safe; `on_idle` runs on a thread of gRPC's, at most once, and may call Stop.
// Ownership: shared with its alarm; after the owner has let go of it nothing is called any more.
#ifndef CAVIAR_COORDINATOR_SERVICE_IDLE_LIMIT_H_
#define CAVIAR_COORDINATOR_SERVICE_IDLE_LIMIT_H_

#include <functional>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/sync/mutex.h"

namespace grpc {
class Alarm;
}

namespace caviar::service {

class IdleLimit : public std::enable_shared_from_this<IdleLimit> {
 public:
  // Calls `on_idle` once `limit` has gone by without Touch, at the latest after twice that time.
  static std::shared_ptr<IdleLimit> Start(absl::Duration limit, std::function<void()> on_idle);
  ~IdleLimit();

  // The peer has said something.
  void Touch() ABSL_LOCKS_EXCLUDED(mutex_);
  // There is nothing more to wait for. Does not wait for an `on_idle` that is running.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  IdleLimit(absl::Duration limit, std::function<void()> on_idle);
  void Arm() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnAlarm() ABSL_LOCKS_EXCLUDED(mutex_);

  const absl::Duration limit_;
  Mutex mutex_;
  std::function<void()> on_idle_ ABSL_GUARDED_BY(mutex_);  // empty: stopped
  bool was_touched_ ABSL_GUARDED_BY(mutex_) = false;       // since the alarm was set
  std::unique_ptr<grpc::Alarm> alarm_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_IDLE_LIMIT_H_
