// A session core, a naive coordinator, a network between them that drops, repeats and breaks, and a
// trainer that is only numbers; one thing happens at a time, drawn from a seed.
//
// Threads: one owner.
// Errors:  the promises that session_core_property_test.cc names are expected at each step.
#ifndef CAVIAR_TESTS_WORKER_SESSION_NAIVE_WORLD_H_
#define CAVIAR_TESTS_WORKER_SESSION_NAIVE_WORLD_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/random/rng.h"
#include "worker/session/session_core.h"

namespace caviar::session {

// One trial as the naive coordinator keeps it. Everything here counts as durable at once.
struct NaiveTrial {
  enum class State { kPending, kRunning, kFinished };
  State state = State::kPending;
  uint32_t attempt = 0;
  uint32_t last_sequence = 0;        // of the attempt
  std::vector<std::string> batches;  // of the attempt, as bytes
  std::vector<uint32_t> curve;       // epochs
  uint32_t until_epoch = 0;
  uint32_t checkpoint_epoch = 0;
  uint32_t pending_checkpoint_epoch = 0;
  bool has_lost_rows = false;  // of the attempt, that were acknowledged
  int finishes = 0;
};

// What runs in a slot.
struct NaiveRun {
  v1::Assign assign;
  uint32_t epoch = 0;
  uint32_t limit = 0;
  runtime::StopMode stop = runtime::StopMode::kNone;
  bool is_finishing = false;  // tests its model, and hears no stop any more
};

class NaiveWorld {
 public:
  explicit NaiveWorld(uint64_t seed) : rng_(seed), core_(MakeOptions(seed)) {}

  // Chaos for a while, then the network heals: every trial must end.
  void Run();

 private:
  using AttemptKey = runtime::AttemptKey;
  using StopMode = runtime::StopMode;
  using End = runtime::AttemptResult::End;

  static constexpr uint32_t kSlots = 2;
  static constexpr uint32_t kTrials = 6;
  static constexpr uint32_t kEpochs = 12;
  static constexpr absl::Duration kLease = absl::Seconds(20);

  static SessionOptions MakeOptions(uint64_t seed);
  bool Chance(double probability) { return !heals_ && rng_.Uniform() < probability; }
  bool IsDone() const;

  // One thing happens somewhere.
  void Turn();

  void PassTime();

  // ---- The trainer ----

  void TrainSomething();
  void EndRun(const AttemptKey& key, End end);
  void SaveCheckpoint(const AttemptKey& key, uint32_t epoch);
  void FinishUpload();

  // ---- The network ----

  void BreakLink();
  void DeliverToCoordinator();
  void DeliverToWorker();

  // ---- The naive coordinator ----

  void Lose(NaiveTrial& trial);
  void Reply(v1::CoordinatorMessage message) { to_worker_.push_back(std::move(message)); }

  void CoordinatorActs();
  void Assign(uint32_t number, NaiveTrial& trial);

  // The trial if the message is of its newest attempt and that runs; else answers it.
  NaiveTrial* Newest(const v1::AttemptId& id);

  void CoordinatorHears(const v1::WorkerMessage& message);
  void UseCheckpoint(NaiveTrial& trial);
  // Its store is put back to before the newest batch.
  void LoseNewestBatch(NaiveTrial& trial);
  void AskAgain(const v1::AttemptId& id, const NaiveTrial& trial);
  void HearMeasurements(const v1::MeasurementBatch& batch);
  void HearRegister(const v1::Register& registered);

  // ---- The core's effects ----

  void Step(const Event& event);
  void CarryOut(const Effect& effect);
  void Send(const SendMessage& send);

  Rng rng_;
  SessionCore core_;
  absl::Time now_ = absl::FromUnixSeconds(1000);
  bool heals_ = false;
  uint64_t link_ = 0;
  std::deque<v1::WorkerMessage> to_coordinator_;
  std::deque<v1::CoordinatorMessage> to_worker_;
  std::map<AttemptKey, NaiveRun> runs_;
  std::deque<UploadArtifact> uploads_;
  // What the worker may know of its lease.
  absl::Time register_sent_ = absl::InfinitePast();
  absl::Time confirmed_ = absl::InfinitePast();
  std::map<uint32_t, absl::Time> heartbeats_;
  // The coordinator.
  bool is_registered_ = false;
  absl::Time heard_at_ = absl::InfinitePast();
  std::map<uint32_t, NaiveTrial> trials_;
};

}  // namespace caviar::session

#endif  // CAVIAR_TESTS_WORKER_SESSION_NAIVE_WORLD_H_
