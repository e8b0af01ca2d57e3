// What a watched job looks like so far, in one line: trials done and running, the best value,
// speed, time to go.
//
// Threads:     one owner.
// Determinism: a function of the updates and the times given.
#ifndef CAVIAR_CLIENT_CLI_PROGRESS_H_
#define CAVIAR_CLIENT_CLI_PROGRESS_H_

#include <optional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "caviar/v1/search_service.pb.h"

namespace caviar::cli {

// "completed", "infeasible" …
std::string StateWord(v1::Trial::State state);
std::string StateWord(v1::Job::State state);
bool HasEnded(v1::Trial::State state);
bool HasEnded(v1::Job::State state);

// Trials that need no more work.
uint32_t DoneTrials(const v1::TrialCounts& counts);

class Progress {
 public:
  // Returns a line for a log where the update is worth one: a trial ended, the job changed state.
  std::optional<std::string> Apply(const v1::JobUpdate& update, absl::Time now);

  // Empty until a job was seen.
  const std::optional<v1::Job>& job() const { return job_; }

  // `letters [#####-----] 12/40  2 running  best 0.9712 (trial 7)  0.41 trials/s  ETA 1m08s`, what
  // there is room for in `width` columns.
  std::string Bar(int width, absl::Time now) const;

 private:
  std::optional<std::string> ApplyJob(const v1::Job& job, absl::Time now);
  std::optional<std::string> ApplyTrial(const v1::Trial& trial);
  // Trials a second since the watch began; 0 while that is not known.
  double Speed(absl::Time now) const;

  std::optional<v1::Job> job_;
  absl::flat_hash_set<uint32_t> ended_trials_;
  // Trials that were done before the watch began say nothing about its speed.
  uint32_t done_at_start_ = 0;
  absl::Time started_at_;
};

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_PROGRESS_H_
