// Workers by id: their sessions, what runs on them, and who can take one more trial.
//
// Threads:     thread-compatible; part of EngineState.
// Determinism: workers go by id wherever order matters.
#ifndef CAVIAR_COORDINATOR_ENGINE_WORKER_TABLE_H_
#define CAVIAR_COORDINATOR_ENGINE_WORKER_TABLE_H_

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "caviar/v1/worker_service.pb.h"
#include "coordinator/engine/event.h"

namespace caviar::engine {

struct AttemptKey {
  uint32_t job = 0;
  uint32_t trial = 0;
  uint32_t attempt = 0;
  friend auto operator<=>(const AttemptKey&, const AttemptKey&) = default;
};
AttemptKey KeyOf(const v1::AttemptId& id);
v1::AttemptId IdOf(const AttemptKey& key);

struct Worker {
  std::string id;
  std::string name;
  std::string hardware;
  std::string version;
  uint32_t slots = 0;
  // Absent for a worker known only from the records, until it registers.
  std::optional<uint32_t> incarnation;
  // Absent while disconnected.
  std::optional<SessionId> session;
  bool is_draining = false;
  absl::Time last_seen = absl::InfinitePast();

  // Attempts that the coordinator believes to run here; one lease for all of them.
  std::set<AttemptKey> running;
  // Attempts of trials that have ended (cancelled): their slots are free once the worker says so.
  std::set<AttemptKey> stopping;
  // Of both, those that need no slot any more, as the worker said: nothing of them is left to
  // train.
  std::set<AttemptKey> trained;
  // Attempts in `running` that must have the worker for themselves.
  std::set<AttemptKey> alone;

  // Takes nothing new: it refused an Assign, or could not run a trial, a moment ago; a trial waits
  // to have it alone.
  bool is_refusing = false;
  bool is_held = false;

  // What it said that it cannot run since the last durable epoch that it trained.
  struct Unfit {
    uint32_t rounds = 0;                  // pauses that this brought it
    std::pair<uint32_t, uint32_t> trial;  // job and number of the first one
    bool has_others = false;              // than that one
  };
  Unfit unfit;

  // Its entry among the placeable ones.
  std::optional<std::tuple<bool, uint64_t, int64_t, std::string>> place;

  uint32_t held() const { return static_cast<uint32_t>(running.size() + stopping.size()); }
  // Slots. Of trained attempts no more are left out than there are slots, whatever a worker says.
  uint32_t busy() const { return held() - std::min(static_cast<uint32_t>(trained.size()), slots); }
  // A slot is free by the ends of attempts, not only by what is known to be trained.
  bool has_slot_without_trained() const { return held() < slots; }
};

class WorkerTable {
 public:
  using Workers = std::map<std::string, Worker, std::less<>>;

  // Makes an entry if there is none. Pointers stay valid until Erase.
  Worker& Insert(absl::string_view id);
  Worker* Find(absl::string_view id);
  Worker* FindBySession(SessionId session);
  // Requires: nothing runs on it.
  void Erase(absl::string_view id);

  void Connect(Worker& worker, SessionId session);
  void Disconnect(Worker& worker);

  // Call after any change of a worker's fields.
  void Update(Worker& worker);

  // Where the next trial goes: to a worker that has a slot without counting on what is trained
  // there; of such the smallest share of busy slots (so that trials spread over workers before they
  // stack on one), then most free slots, then by id. Null if there is no slot.
  Worker* MostFree();
  // A worker that runs nothing, for a trial that wants it alone: held ones first. Null if none.
  Worker* FindIdle();

  // Keeps workers with few trials free for those that want one alone: exactly `wanted` of them
  // are held afterwards, as far as there are that many.
  void HoldExactly(size_t wanted);

  size_t connected() const { return sessions_.size(); }
  const Workers& workers() const { return workers_; }
  Workers& workers() { return workers_; }

 private:
  Workers workers_;
  absl::flat_hash_map<SessionId, Worker*> sessions_;
  std::set<std::tuple<bool, uint64_t, int64_t, std::string>> placeable_;
  std::set<std::string> held_;
};

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_WORKER_TABLE_H_
