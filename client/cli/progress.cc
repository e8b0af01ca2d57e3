#include "client/cli/progress.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/job_sentence.h"
#include "client/cli/number_text.h"
#include "client/cli/trial_changes.h"
#include "common/text/printable.h"

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
    created_at_start_ = job.trials().created();
    work_at_start_ += DoneTrials(job.trials());
    started_at_ = now;
  }
  job_ = job;
  if (!has_changed || HasEnded(job.state())) return std::nullopt;
  return JobSentence(job);
}

std::optional<std::string> Progress::ApplyTrial(const v1::Trial& trial) {
  const auto [at, is_new] = trials_.try_emplace(trial.number());
  SeenTrial& seen = at->second;
  const bool ends = HasEnded(trial.state()) && !seen.has_ended;
  // An extended job runs on, but its ended trials stay ended.
  seen.has_ended |= ends;
  const int epochs = job_.has_value() ? job_->spec().budget().epochs() : 0;
  seen.share = epochs > 0 ? std::min(1.0, static_cast<double>(trial.epochs()) / epochs) : 0;
  if (is_new && !seen.has_ended && trial.number() <= created_at_start_) {
    work_at_start_ += seen.share;
  }
  const std::string changes =
      NewChangesLine(trial, is_new ? trial.adjustments_size() : seen.adjustments);
  const bool is_newly_held = trial.is_held() && !seen.is_held;
  seen.epochs = trial.epochs();
  seen.adjustments = trial.adjustments_size();
  seen.is_held = trial.is_held();
  if (!ends) {
    if (!changes.empty()) return changes;
    if (is_newly_held) return absl::StrCat("trial ", trial.number(), " is held by a person");
    return std::nullopt;
  }
  ++ended_trials_;
  std::string line = absl::StrCat("trial ", trial.number(), " ", StateWord(trial.state()));
  if (trial.has_value() && job_.has_value()) {
    const Best value = {trial.value(), trial.number()};
    const bool counts =
        trial.state() != v1::Trial::INFEASIBLE && trial.state() != v1::Trial::FAILED;
    if (counts && IsBetter(value, best_ended_)) best_ended_ = value;
    absl::StrAppend(&line, "  ", job_->spec().objective().metric(), " ", ShortNumber(trial.value()),
                    " at epoch ", trial.best_epoch());
  }
  if (!trial.reason().empty()) absl::StrAppend(&line, "  (", trial.reason(), ")");
  if (job_.has_value()) {
    absl::StrAppend(&line, "  ", Done(), "/", job_->spec().budget().trials());
    const std::string best = BestText();
    if (!best.empty()) absl::StrAppend(&line, "  ", best);
  }
  return line;
}

bool Progress::IsBetter(const Best& best, const std::optional<Best>& than) const {
  if (!than.has_value()) return true;
  if (best.value == than->value) return best.trial < than->trial;
  return job_->spec().objective().direction() == v1::Objective::MINIMIZE ? best.value < than->value
                                                                         : best.value > than->value;
}

std::optional<Progress::Best> Progress::BestSoFar() const {
  std::optional<Best> best = best_ended_;
  if (job_->has_best_value()) {
    const Best of_job = {job_->best_value(), job_->best_trial()};
    if (IsBetter(of_job, best)) best = of_job;
  }
  return best;
}

std::string Progress::BestText() const {
  const std::optional<Best> best = BestSoFar();
  if (!best.has_value()) return "";
  return absl::StrCat("best ", ShortNumber(best->value), " (trial ", best->trial, ")");
}

std::string Progress::EpochText() const {
  const SeenTrial* only = nullptr;
  for (const auto& [number, trial] : trials_) {
    if (trial.has_ended) continue;
    if (only != nullptr) return "";
    only = &trial;
  }
  if (only == nullptr || only->epochs == 0) return "";
  return absl::StrCat("epoch ", only->epochs, "/", job_->spec().budget().epochs());
}

uint32_t Progress::Done() const { return std::max(ended_trials_, DoneTrials(job_->trials())); }

double Progress::Work() const {
  double work = Done();
  for (const auto& [number, trial] : trials_) {
    if (!trial.has_ended) work += trial.share;
  }
  return work;
}

double Progress::Speed(absl::Time now) const {
  const double seconds = absl::ToDoubleSeconds(now - started_at_);
  return seconds > 0 ? std::max(0.0, (Work() - work_at_start_) / seconds) : 0;
}

std::string Progress::Bar(int width, absl::Time now) const {
  if (!job_.has_value()) return "";
  const int total = std::max(1, job_->spec().budget().trials());
  const double work = std::min<double>(total, Work());
  // Most important first: what does not fit is left out from the end.
  std::vector<std::string> facts = {absl::StrCat(std::min<uint32_t>(total, Done()), "/", total)};
  const std::string best = BestText();
  if (!best.empty()) facts.push_back(best);
  const std::string epoch = EpochText();
  if (!epoch.empty()) facts.push_back(epoch);
  const bool is_running = job_->state() == v1::Job::RUNNING;
  const uint32_t running = job_->trials().running();
  facts.push_back(!is_running                   ? StateWord(job_->state())
                  : running > 0                 ? absl::StrCat(running, " running")
                  : job_->trials().paused() > 0 ? absl::StrCat(job_->trials().paused(), " paused")
                                                : "waiting");
  const double speed = Speed(now);
  if (speed > 0 && is_running && running > 0) {
    facts.push_back(absl::StrCat("ETA ", TimeToGo((total - work) / speed)));
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
  const int filled = static_cast<int>(length * work / total);
  return Shorten(absl::StrCat(name, " [", std::string(filled, '#'),
                              std::string(length - filled, '-'), "]", tail),
                 std::max(1, width));
}

}  // namespace caviar::cli
