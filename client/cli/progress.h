// What a watched job looks like so far, in one line: trials done and running, the best value,
// speed, time to go. Trials that are being trained count by the share of their epochs.
//
// Threads:     one owner.
// Determinism: a function of the updates and the times given.
#ifndef CAVIAR_CLIENT_CLI_PROGRESS_H_
#define CAVIAR_CLIENT_CLI_PROGRESS_H_

#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
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
  // Returns a line for a log where the update is worth one: a trial ended, or was
  // adjusted or held by a person; the job was paused or runs again. A job's end is not: who watched
  // has more to say of it.
  std::optional<std::string> Apply(const v1::JobUpdate& update, absl::Time now);

  // Empty until a job was seen.
  const std::optional<v1::Job>& job() const { return job_; }

  // `letters [#####-----] 12/40  best 0.9712 (trial 7)  2 running  ETA 1m08s  0.41 trials/s`, what
  // there is room for in `width` columns.
  std::string Bar(int width, absl::Time now) const;

 private:
  struct SeenTrial {
    double share = 0;  // of its epochs
    uint32_t epochs = 0;
    int adjustments = 0;
    bool is_held = false;
    bool has_ended = false;
  };
  struct Best {
    double value = 0;
    uint32_t trial = 0;
  };

  std::optional<std::string> ApplyJob(const v1::Job& job, absl::Time now);
  std::optional<std::string> ApplyTrial(const v1::Trial& trial);
  bool IsBetter(const Best& best, const std::optional<Best>& than) const;
  // A trial's update comes before that of the job, which may have another best then.
  std::optional<Best> BestSoFar() const;
  std::string BestText() const;
  // "epoch 12/200", where one trial is all that is under way.
  std::string EpochText() const;
  uint32_t Done() const;
  // Trials and shares of trials.
  double Work() const;
  // Work a second since the watch began; 0 while that is not known.
  double Speed(absl::Time now) const;

  std::optional<v1::Job> job_;
  absl::flat_hash_map<uint32_t, SeenTrial> trials_;
  uint32_t ended_trials_ = 0;
  std::optional<Best> best_ended_;
  // What was done before the watch began says nothing about its speed.
  uint32_t created_at_start_ = 0;
  double work_at_start_ = 0;
  absl::Time started_at_;
};

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_PROGRESS_H_
