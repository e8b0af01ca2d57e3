// A running worker: the session core with its clock and thread around it, its link, its slots and
// its uploads. Carries events in and effects out; the rules are the core's.
//
// Threads:   Run blocks its thread, the driver; RequestDrain may be called from any.
// Ownership: everything passed in must outlive the session.
#ifndef CAVIAR_WORKER_SESSION_WORKER_SESSION_H_
#define CAVIAR_WORKER_SESSION_WORKER_SESSION_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/time/clock.h"
#include "worker/runtime/attempt_runner.h"
#include "worker/runtime/slot_pool.h"
#include "worker/session/artifact_client.h"
#include "worker/session/coordinator_link.h"
#include "worker/session/inbox.h"
#include "worker/session/session_core.h"
#include "worker/session/uploader.h"

namespace grpc {
class Channel;
}

namespace caviar::session {

class WorkerSession {
 public:
  // The driver looks at the clock at least this often: waits follow the monotonic clock, leases the
  // boot-time clock, and only in suspend do they differ.
  static constexpr absl::Duration kLookAtClock = absl::Seconds(1);
  // A closed link may still send what is queued for this long.
  static constexpr absl::Duration kFarewell = absl::Seconds(1);

  // A new channel for each link: an old one that failed waits out gRPC's own back-off, up to 5 s,
  // and fails our calls meanwhile without dialling.
  using ChannelFactory = std::function<std::shared_ptr<grpc::Channel>()>;

  WorkerSession(SessionOptions options, ChannelFactory dial, runtime::AttemptRunner& runner,
                ArtifactTransport& transport, const Clock& clock);
  ~WorkerSession();

  // Until a drain is over.
  void Run();
  // Take nothing new, hand everything back, and let Run return.
  void RequestDrain();

 private:
  class Observer;
  struct ClosedLink {
    std::unique_ptr<CoordinatorLink> link;
    absl::Time cancel_at;
  };

  void Step(const Event& event);
  void CarryOut(Effect& effect);
  void DropEndedLinks();

  const ChannelFactory dial_;
  const Clock& clock_;
  Inbox inbox_;
  std::unique_ptr<Observer> observer_;
  SessionCore core_;
  runtime::SlotPool slots_;
  Uploader uploader_;
  std::unique_ptr<CoordinatorLink> link_;
  std::vector<ClosedLink> closed_links_;
  absl::Time next_deadline_ = absl::InfinitePast();
  bool is_over_ = false;
};

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_WORKER_SESSION_H_
