// One stream to the coordinator, from OpenLink to its end: carries messages both ways and posts
// what happens on it to the inbox. A reading and a writing thread of its own (a worker has one
// link, and blocking calls leave no room for the callback API's traps).
//
// Threads:   Send and Close belong to the driver's thread; they never block on the network.
// Ownership: the inbox must outlive the link, or be closed before it goes. Destruction cancels the
//            stream and joins its threads, so it is only quick after the stream has ended.
#ifndef CAVIAR_WORKER_SESSION_COORDINATOR_LINK_H_
#define CAVIAR_WORKER_SESSION_COORDINATOR_LINK_H_

#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "caviar/v1/worker_service.pb.h"
#include "worker/session/inbox.h"

namespace grpc {
class Channel;
}

namespace caviar::session {

class CoordinatorLink {
 public:
  // Dials; the outcome comes as events of number `link`.
  CoordinatorLink(std::shared_ptr<grpc::Channel> channel, uint64_t link, Inbox& inbox);
  ~CoordinatorLink();
  CoordinatorLink(const CoordinatorLink&) = delete;
  CoordinatorLink& operator=(const CoordinatorLink&) = delete;

  // Queued, and sent in order. The session's windows bound the queue.
  void Send(v1::WorkerMessage message);
  // Sends what is queued, tells the other side that no more comes, and posts nothing from now on.
  void Close();
  // Breaks the stream without manners.
  void Cancel();
  // The stream has ended: destruction does not wait.
  bool has_ended() const;
  // Waits for that, no longer than `longest`, and at times not even that long.
  void AwaitEnd(absl::Duration longest) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_COORDINATOR_LINK_H_
