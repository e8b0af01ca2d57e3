// Holds every step of the engine, and everything that leaves the coordinator, against the promises
// of docs/reliability.md, by a naive model: maps of records, and full recomputation.
//
// Threads: one owner.
// Errors:  the first broken promise is remembered, with a sentence; the run should end then.
#ifndef CAVIAR_TESTS_SIMULATION_CHECKER_H_
#define CAVIAR_TESTS_SIMULATION_CHECKER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/engine/effects.h"
#include "coordinator/engine/engine_state.h"
#include "coordinator/engine/event.h"
#include "coordinator/store/memory_store.h"
#include "tests/simulation/swarm.h"

namespace caviar::simulation {

class Checker {
 public:
  Checker(const Swarm& swarm, const std::set<std::string>& artifacts)
      : swarm_(swarm), artifacts_(artifacts) {}

  // The coordinator starts from what is durable.
  void OnStart(const engine::EngineState& state, const store::MemoryDisk& durable);
  // Around Engine::Step, with what it was told and what it answered.
  void BeforeStep(const engine::EngineState& state, const engine::Event& event);
  void AfterStep(const engine::EngineState& state, const engine::Event& event,
                 const engine::Effects& effects);
  // A send leaves the coordinator; `durable` is what a crash now would keep.
  void OnRelease(const engine::Send& send, const store::MemoryDisk& durable);
  // Everything, whatever was touched.
  void CheckAll(const engine::EngineState& state);
  // Messages that were wild (not of an honest worker) may cost this trial an attempt.
  void ForgiveTrial(uint32_t job, uint32_t trial) { forgiven_.insert({job, trial}); }

  bool is_forgiven(uint32_t job, uint32_t trial) const { return forgiven_.contains({job, trial}); }

  void Fail(std::string sentence) {
    if (failure_.empty()) failure_ = std::move(sentence);
  }
  const std::string& failure() const { return failure_; }

  // States that a good set of seeds reaches, by name: how often.
  std::map<std::string, uint64_t>& reached() { return reached_; }

 private:
  using TrialKey = std::pair<uint32_t, uint32_t>;

  static std::string Name(TrialKey key) {
    return absl::StrCat("trial ", key.first, "/", key.second);
  }
  static std::string Name(const v1::TrialRecord& record) {
    return Name({record.job(), record.number()});
  }
  void Apply(const engine::Write& write);
  void CheckTransition(const v1::TrialRecord& before, const v1::TrialRecord& after);
  void CheckPoison(const v1::TrialRecord& before, const v1::TrialRecord& after);
  void NoteReturn(const v1::Register& registration);
  void CheckCurveRow(const v1::CurveRecord& row);
  void CheckStale(const engine::Effects& effects);
  void CheckSends(const engine::Effects& effects);
  void CheckPunished(const engine::Event& event, const engine::Effects& effects);
  void CheckJob(const engine::EngineState& state, uint32_t id);
  void CheckTrial(const v1::JobRecord& job, const engine::Trial& trial);
  void CheckAdjusted(const v1::TrialRecord& before, const v1::TrialRecord& after);
  // What the epoch's measurements are a hash of (fake_trainer.h).
  uint64_t SeedAt(const v1::TrialRecord& record, uint64_t job_seed, uint32_t epoch) const;
  // Over the weights that a trial has after an epoch: its own, or copied ones.
  uint64_t HistoryAt(const v1::TrialRecord& record, uint32_t epoch) const;
  // The best objective among the epochs that these weights were trained in, and when.
  std::pair<std::optional<double>, uint32_t> BestAt(const v1::Objective& objective,
                                                    const v1::TrialRecord& record,
                                                    uint32_t epoch) const;
  void CheckPromotion(const v1::JobRecord& job, const v1::TrialRecord& trial);
  void CheckLeaderboard(const engine::Job& job, const v1::JobRecord& record);
  void CheckWorkers(const engine::EngineState& state);
  void CheckArtifacts(const engine::EngineState& state);
  v1::TrialRecord* FindTrial(TrialKey key);

  const Swarm& swarm_;
  const std::set<std::string>& artifacts_;
  // What would be durable if every write were.
  store::MemoryDisk latest_;
  std::set<uint32_t> touched_jobs_;
  std::set<TrialKey> promoted_;  // in this step
  std::set<uint32_t> deleted_jobs_;
  uint64_t steps_ = 0;

  // Before the step: a message about an attempt that is not live, and the trial as it was.
  struct Stale {
    TrialKey trial;
    std::optional<v1::TrialRecord> before;
  };
  std::optional<Stale> stale_;

  // What was promised to the outside: (attempt, sequence) acknowledged a trial; ended trials; jobs.
  std::map<TrialKey, std::pair<uint32_t, uint32_t>> acknowledged_;
  std::map<TrialKey, v1::Trial::State> ended_;
  std::set<TrialKey> forgiven_;

  // A worker's process: id and incarnation; empty when it is not known any more which one it was.
  using Process = std::pair<std::string, uint32_t>;
  // By worker id: the newest one that registered.
  std::map<std::string, uint32_t> incarnations_;
  // Where each trial was since its last new epoch, without those processes that were heard of again
  // after they had lost it.
  std::map<TrialKey, std::vector<Process>> tried_on_;

  std::string failure_;
  std::map<std::string, uint64_t> reached_;
};

}  // namespace caviar::simulation

#endif  // CAVIAR_TESTS_SIMULATION_CHECKER_H_
