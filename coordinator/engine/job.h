// A job with its trials as the engine holds them: the records, and what is derived from them so
// that no step has to look at all trials.
//
// Threads:   thread-compatible; part of EngineState.
// Ownership: trials stay at their address as long as the job lives.
#ifndef CAVIAR_COORDINATOR_ENGINE_JOB_H_
#define CAVIAR_COORDINATOR_ENGINE_JOB_H_

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "caviar/v1/records.pb.h"
#include "coordinator/engine/leaderboard.h"
#include "coordinator/engine/lineage.h"
#include "coordinator/schedule/trial_scheduler.h"
#include "coordinator/search/job_sampler.h"

namespace caviar::engine {

struct EngineState;

struct Trial {
  v1::TrialRecord record;
  // While RUNNING.
  std::unique_ptr<Lineage> lineage;
  // While it lives: ids of the workers that said that they cannot run it. Null if none; few have
  // any.
  std::unique_ptr<std::set<std::string>> refused_by;
  // Where it stands on the leaderboard and on the shelf of models.
  std::optional<double> ranked_value;
  std::optional<double> shelved_value;
  // Upper bound of the sequences of its curve's rows.
  uint64_t measured_at_sequence = 0;
  // Its entry in Job::changes.
  uint64_t indexed_sequence = 0;
  // In this step, its record is to be written.
  bool is_touched = false;
};

// The next trial's point, thought of ahead of time (point_ahead.h).
struct PointAhead {
  struct Basis {
    uint32_t trial = 0;
    // What the sampler sees: the job's sequence, and Observations::reports() there.
    uint64_t at_sequence = 0;
    uint64_t reports = 0;
  };
  struct Point {
    search::Proposal proposal;
    Basis basis;
  };
  std::optional<Point> ready;
  // The newest Think, while it is under way, and its number.
  std::optional<Basis> thinking;
  uint64_t ticket = 0;
};

// Whether more trials are worth while, thought about elsewhere (early_end.h).
struct Assessment {
  // Observations::reports() at the newest one.
  uint64_t reports = 0;
  // The newest Think, and whether it is under way.
  uint64_t ticket = 0;
  bool is_under_way = false;
};

struct Job {
  explicit Job(v1::JobRecord job_record);

  v1::JobRecord record;
  std::deque<Trial> trials;  // number - 1

  // By Trial::State.
  std::array<uint32_t, v1::Trial::State_ARRAYSIZE> counts{};
  uint32_t held = 0;             // PAUSED by a person
  uint64_t reserved_epochs = 0;  // sum of until_epoch
  uint64_t epochs_done = 0;      // sum of epochs_high
  uint32_t added_trials = 0;     // those with is_added

  // Trials that have not ended, and of these the PENDING ones: those to be tried alone on a worker
  // (worker_deaths > 0) apart.
  absl::btree_set<uint32_t> live;
  absl::btree_set<uint32_t> ready;
  absl::btree_set<uint32_t> suspects;

  Leaderboard leaderboard;  // trials with a value, unless INFEASIBLE or FAILED
  Leaderboard models;       // ended trials whose model is kept

  // By (sequence of the newest change, number).
  absl::btree_set<std::pair<uint64_t, uint32_t>> changes;
  // Newest change of what v1::Job shows.
  uint64_t changed_at_sequence = 0;

  // Only while the job has not ended (StartSearch).
  std::shared_ptr<const search::JobSampler> sampler;
  std::unique_ptr<schedule::TrialScheduler> scheduler;
  // For samplers that look at it (JobSampler::uses_history), else empty.
  search::History history;
  // The same for uses_observations().
  search::Observations observations;
  // Of a sampler that thinks long.
  PointAhead point_ahead;
  // With budget.terminator.
  Assessment assessment;
  // Points of other jobs that the history points to.
  std::deque<search::Point> prior_points;
  // Why the sampler has no further point; empty while it has.
  std::string exhausted_reason;

  // Key in EngineState::runnable; absent when there is nothing to hand out.
  std::optional<double> runnable_load;

  // In this step: it is in StepChanges::jobs; its record is to be written; what v1::Job shows
  // changed.
  bool is_touched = false;
  bool is_record_touched = false;
  bool is_summary_touched = false;

  uint32_t id() const { return record.id(); }
  const v1::JobSpec& spec() const { return record.spec(); }
  bool has_ended() const;
  uint32_t running() const { return counts[v1::Trial::RUNNING]; }
  uint32_t next_number() const { return static_cast<uint32_t>(trials.size()) + 1; }
  uint32_t budget_trials() const { return static_cast<uint32_t>(spec().budget().trials()); }
  double weight() const { return spec().has_weight() ? spec().weight() : 1.0; }
  // Of all trials together.
  uint64_t total_epochs() const;
  // Requires: 1 <= number <= trials.size().
  Trial& trial(uint32_t number) { return trials[number - 1]; }
  const Trial& trial(uint32_t number) const { return trials[number - 1]; }
  Trial* FindTrial(uint32_t number);
};

// PENDING, RUNNING or PAUSED.
bool IsLive(v1::Trial::State state);
// Waits for a person to resume it.
bool IsHeld(const v1::TrialRecord& record);
// States whose value counts on the leaderboard.
bool IsRanked(v1::Trial::State state);

// What another job has found, as a point of this one (warm_start.h).
struct Prior {
  search::Point point;
  std::optional<double> value;  // as measured; nullopt for an infeasible one
};

// Makes sampler, scheduler and history of a job that runs (again), from its records and those of
// the jobs it learns from: `priors`, or those that warm_start.h finds. kFailedPrecondition if such
// a job is gone.
absl::Status StartSearch(const EngineState& state, Job& job);
absl::Status StartSearch(Job& job, std::vector<Prior> priors);

// The point of trial `number`, as what the job knows now makes it. kOutOfRange as in
// search/sampler.h.
absl::StatusOr<search::Proposal> ProposeTrial(const Job& job, uint32_t number);

// Shows the sampler a trial that was just created, or that has just ended.
void ShowCreated(Job& job, const Trial& trial);
void ShowEnded(Job& job, const Trial& trial);

// Brings counts and sets in line with a state: call LeaveState before and EnterState after each
// change of state, worker_deaths, epochs_high, until_epoch or is_held.
void LeaveState(Job& job, const Trial& trial);
void EnterState(Job& job, const Trial& trial);

// Brings the trial's place on the leaderboard in line with its record. True if the best changed.
bool UpdateRank(Job& job, Trial& trial);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_JOB_H_
