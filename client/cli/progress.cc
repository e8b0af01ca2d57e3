#include "client/cli/progress.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/printable.h"
#include "client/cli/table.h"

namespace caviar::cli {
namespace {

constexpr int kBarMin = 10;
constexpr int kBarMax = 40;

// "1h02m", "3m05s", "12s".
std::string TimeToGo(double seconds) {
  const int64_t whole = static_cast<int64_t>(seconds + 0.5);
  if (whole >= 3600) return absl::StrFormat("%dh%02dm", whole / 3600, whole / 60 % 60);
  if (whole >= 60) return absl::StrFormat("%dm%02ds", whole / 60, whole % 60);
  return absl::StrCat(whole, "s");
}

}  // namespace

std::string StateWord(v1::Trial::State state) {
  return absl::AsciiStrToLower(v1::Trial::State_Name(state));
}

std::string StateWord(v1::Job::State state) {
  return absl::AsciiStrToLower(v1::Job::State_Name(state));
}

bool HasEnded(v1::Trial::State state) {
  return state != v1::Trial::STATE_UNSPECIFIED && state != v1::Trial::PENDING &&
         state != v1::Trial::RUNNING && state != v1::Trial::PAUSED;
}

bool HasEnded(v1::Job::State state) {
  return state == v1::Job::COMPLETED || state == v1::Job::FAILED || state == v1::Job::CANCELLED;
}

uint32_t DoneTrials(const v1::TrialCounts& counts) {
  return counts.completed() + counts.pruned() + counts.infeasible() + counts.failed() +
         counts.cancelled();
}

std::optional<std::string> Progress::Apply(const v1::JobUpdate& update, absl::Time now) {
  if (update.has_job()) return ApplyJob(update.job(), now);
  if (update.has_trial()) return ApplyTrial(update.trial());
  return std::nullopt;
}

std::optional<std::string> Progress::ApplyJob(const v1::Job& job, absl::Time now) {
  const bool is_first = !job_.has_value();
  const bool has_changed = !is_first && job_->state() != job.state();
  if (is_first) {
    done_at_start_ = DoneTrials(job.trials());
    started_at_ = now;
  }
  job_ = job;
  if (!has_changed) return std::nullopt;
  return absl::StrCat("job ", job.id(), " (", job.name(), ") is ", StateWord(job.state()),
                      job.reason().empty() ? "" : absl::StrCat(": ", job.reason()));
}

std::optional<std::string> Progress::ApplyTrial(const v1::Trial& trial) {
  if (!HasEnded(trial.state()) || !ended_trials_.insert(trial.number()).second) return std::nullopt;
  std::string line = absl::StrCat("trial ", trial.number(), " ", StateWord(trial.state()));
  if (trial.has_value() && job_.has_value()) {
    absl::StrAppend(&line, "  ", job_->spec().objective().metric(), " ", ShortNumber(trial.value()),
                    " at epoch ", trial.best_epoch());
  }
  if (!trial.reason().empty()) absl::StrAppend(&line, "  (", trial.reason(), ")");
  if (job_.has_value()) {
    const uint32_t budget = static_cast<uint32_t>(job_->spec().budget().trials());
    absl::StrAppend(&line, "  ", ended_trials_.size(), "/", budget);
    if (job_->has_best_value()) {
      absl::StrAppend(&line, "  best ", ShortNumber(job_->best_value()), " (trial ",
                      job_->best_trial(), ")");
    }
  }
  return line;
}

double Progress::Speed(absl::Time now) const {
  const double seconds = absl::ToDoubleSeconds(now - started_at_);
  const double done = DoneTrials(job_->trials()) - static_cast<double>(done_at_start_);
  return seconds > 0 ? std::max(0.0, done / seconds) : 0;
}

std::string Progress::Bar(int width, absl::Time now) const {
  if (!job_.has_value()) return "";
  const int total = std::max(1, job_->spec().budget().trials());
  const int done = std::min(total, static_cast<int>(DoneTrials(job_->trials())));
  // Most important first: what does not fit is left out from the end.
  std::vector<std::string> facts = {absl::StrCat(done, "/", total)};
  if (job_->has_best_value()) {
    facts.push_back(absl::StrCat("best ", ShortNumber(job_->best_value()), " (trial ",
                                 job_->best_trial(), ")"));
  }
  facts.push_back(job_->state() == v1::Job::RUNNING
                      ? absl::StrCat(job_->trials().running(), " running")
                      : StateWord(job_->state()));
  const double speed = Speed(now);
  if (speed > 0 && !HasEnded(job_->state())) {
    facts.push_back(absl::StrCat("ETA ", TimeToGo((total - done) / speed)));
    facts.push_back(absl::StrFormat("%.2g trials/s", speed));
  }
  std::string tail;
  const std::string name = Shorten(Printable(job_->name()), std::max(1, width / 4));
  int room = width - DisplayWidth(name) - kBarMin - 3;
  for (const std::string& fact : facts) {
    if (room < DisplayWidth(fact) + 2) break;
    room -= DisplayWidth(fact) + 2;
    absl::StrAppend(&tail, "  ", fact);
  }
  const int length = kBarMin + std::clamp(room, 0, kBarMax - kBarMin);
  const int filled = static_cast<int>(static_cast<int64_t>(length) * done / total);
  return Shorten(absl::StrCat(name, " [", std::string(filled, '#'),
                              std::string(length - filled, '-'), "]", tail),
                 std::max(1, width));
}

}  // namespace caviar::cli
