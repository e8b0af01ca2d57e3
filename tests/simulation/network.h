// The links between workers and the coordinator: streams as TCP gives them. In a direction messages
// keep their order; a cut loses a suffix of what is under way in each, and the two ends learn of it
// at different times, so that an old link may still deliver after a new one was opened.
//
// Threads: one owner.
#ifndef CAVIAR_TESTS_SIMULATION_NETWORK_H_
#define CAVIAR_TESTS_SIMULATION_NETWORK_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "caviar/v1/worker_service.pb.h"
#include "common/random/rng.h"
#include "tests/simulation/event_heap.h"
#include "tests/simulation/swarm.h"

namespace caviar::simulation {

// Where one end's messages arrive.
struct CoordinatorEnd {
  std::function<void(uint64_t session, v1::WorkerMessage message)> said;
  std::function<void(uint64_t session)> closed;
};
struct WorkerEnd {
  std::function<void(v1::CoordinatorMessage message)> told;
  std::function<void(absl::Status why)> lost;
};

class Network {
 public:
  Network(EventHeap& heap, const Swarm& swarm, uint64_t seed, CoordinatorEnd coordinator);

  // Faults on or off (at the end: off).
  void SetFaulty(bool is_faulty) { is_faulty_ = is_faulty; }
  // Nobody listens: links break, new ones are refused.
  void SetCoordinatorUp(bool is_up);

  // Returns the session; messages may be sent at once.
  uint64_t Open(const std::string& worker, WorkerEnd end);
  void SendUp(uint64_t session, v1::WorkerMessage message);
  void SendDown(uint64_t session, v1::CoordinatorMessage message);
  // One end closes; the other hears of it after what is under way.
  void CloseByWorker(uint64_t session);
  void CloseByCoordinator(uint64_t session, absl::Status why);
  // The worker's process is gone: as CloseByWorker, but it may take long to be noticed.
  void KillWorkerEnd(uint64_t session);
  // The link breaks.
  void Cut(uint64_t session);
  // Nothing passes for a while, in one direction or both.
  void Stall(uint64_t session, absl::Duration duration, bool up, bool down);

  // Since when the link has had no trouble; InfiniteFuture if it has now, or is not there.
  absl::Time healthy_since(uint64_t session) const;
  void Disturb(uint64_t session);
  std::string WorkerOf(uint64_t session) const;
  // Sessions of links that are whole, in order.
  std::vector<uint64_t> Links() const;
  // A delay as messages have it.
  absl::Duration DrawDelay();

 private:
  template <typename Message>
  struct Direction {
    std::deque<Message> under_way;
    absl::Time last = absl::InfinitePast();
    absl::Time stalled_until = absl::InfinitePast();
    bool is_open = true;  // the receiving end has not heard of the end
  };
  struct Link {
    uint64_t session = 0;
    std::string worker;
    WorkerEnd end;
    bool is_whole = true;  // messages are still taken
    absl::Time healthy_since;
    Direction<v1::WorkerMessage> up;
    Direction<v1::CoordinatorMessage> down;
  };
  using LinkPointer = std::shared_ptr<Link>;

  void ScheduleUp(const LinkPointer& link);
  void ScheduleDown(const LinkPointer& link);
  void EndUp(const LinkPointer& link, absl::Duration delay);
  void EndDown(const LinkPointer& link, absl::Duration delay, absl::Status why);
  LinkPointer Find(uint64_t session) const;
  template <typename Message>
  void LoseSuffix(Direction<Message>& direction);

  EventHeap& heap_;
  const Swarm& swarm_;
  Rng rng_;
  CoordinatorEnd coordinator_;
  bool is_faulty_ = true;
  bool is_coordinator_up_ = false;
  uint64_t sessions_ = 0;
  std::map<uint64_t, LinkPointer> links_;
};

}  // namespace caviar::simulation

#endif  // CAVIAR_TESTS_SIMULATION_NETWORK_H_
