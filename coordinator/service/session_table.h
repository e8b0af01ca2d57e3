// Which stream is which worker session.
//
// Threads:   thread-safe; never calls a stream with its lock held.
// Ownership: shares the streams with gRPC; a stream removes itself when it closes.
#ifndef CAVIAR_COORDINATOR_SERVICE_SESSION_TABLE_H_
#define CAVIAR_COORDINATOR_SERVICE_SESSION_TABLE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "caviar/v1/worker_service.pb.h"
#include "common/sync/mutex.h"
#include "coordinator/engine/event.h"

namespace caviar::service {

// The sending side of one worker's session.
class WorkerStream {
 public:
  virtual ~WorkerStream() = default;
  // Queues a message; after Close it is dropped. Does not block.
  virtual void Tell(v1::CoordinatorMessage message) = 0;
  // Ends the stream with this status, once; later calls change nothing. Does not block.
  virtual void Close(const absl::Status& why) = 0;
};

class SessionTable {
 public:
  // A session id that no other stream of this process gets.
  engine::SessionId Mint();
  void Add(engine::SessionId session, std::shared_ptr<WorkerStream> stream);
  void Remove(engine::SessionId session);
  // Null when the session has ended.
  std::shared_ptr<WorkerStream> Find(engine::SessionId session) const;
  std::vector<std::shared_ptr<WorkerStream>> All() const;

 private:
  mutable Mutex mutex_;
  uint64_t newest_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<engine::SessionId, std::shared_ptr<WorkerStream>> streams_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_SESSION_TABLE_H_
