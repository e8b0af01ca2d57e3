// Plays trials' lives to a scheduler and remembers what records would hold, so that a test can tell
// it all again to a new one, or recompute from scratch what it should decide.
#ifndef CAVIAR_TESTS_COORDINATOR_SCHEDULE_TRIAL_LOG_H_
#define CAVIAR_TESTS_COORDINATOR_SCHEDULE_TRIAL_LOG_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/status/check.h"
#include "coordinator/schedule/trial_scheduler.h"
#include "google/protobuf/text_format.h"

namespace caviar::schedule {

struct LoggedTrial {
  enum class State { kRunning, kPaused, kEnded };
  State state = State::kRunning;
  std::vector<uint32_t> grants;
  std::vector<Judged> judged;
  bool is_completed = false;

  bool has_used_grant() const {
    return !judged.empty() && !grants.empty() && judged.back().epochs == grants.back();
  }
};

inline v1::JobSpec SpecOf(const std::string& scheduler, int trials, int epochs) {
  v1::JobSpec spec;
  CAVIAR_CHECK(google::protobuf::TextFormat::ParseFromString(scheduler, spec.mutable_scheduler()));
  spec.mutable_budget()->set_trials(trials);
  spec.mutable_budget()->set_epochs(epochs);
  spec.mutable_objective()->set_direction(v1::Objective::MAXIMIZE);
  return spec;
}

class TrialLog {
 public:
  explicit TrialLog(const v1::JobSpec& spec) : spec_(spec), scheduler_(MakeScheduler(spec)) {}

  TrialScheduler& scheduler() { return *scheduler_; }
  const std::vector<LoggedTrial>& trials() const { return trials_; }
  LoggedTrial& trial(uint32_t number) { return trials_[number - 1]; }

  uint32_t Create() {
    trials_.emplace_back();
    const uint32_t number = static_cast<uint32_t>(trials_.size());
    scheduler_->OnCreated(number);
    Grant({number, scheduler_->FirstGrant(number)});
    return number;
  }
  void Grant(const Promotion& promotion) {
    LoggedTrial& trial = this->trial(promotion.trial);
    trial.state = LoggedTrial::State::kRunning;
    trial.grants.push_back(promotion.until_epoch);
    scheduler_->OnGranted(promotion.trial, promotion.until_epoch);
  }
  // At `epochs`; 0 is its grant.
  std::optional<std::string> Judge(uint32_t number, std::optional<double> value,
                                   uint32_t epochs = 0) {
    const Judged judged{number, epochs == 0 ? trial(number).grants.back() : epochs, value};
    trial(number).judged.push_back(judged);
    return scheduler_->OnJudged(judged);
  }
  void Pause(uint32_t number) {
    trial(number).state = LoggedTrial::State::kPaused;
    scheduler_->OnPaused(number);
  }
  void End(uint32_t number, bool is_completed = false) {
    trial(number).state = LoggedTrial::State::kEnded;
    trial(number).is_completed = is_completed;
    scheduler_->OnEnded(number, is_completed);
  }
  // A new trial that comes to its first rung and pauses there.
  uint32_t CreatePaused(std::optional<double> value) {
    const uint32_t number = Create();
    Judge(number, value);
    Pause(number);
    return number;
  }

  // What a scheduler knows that was told only what the records hold.
  std::unique_ptr<TrialScheduler> Rebuilt() const {
    std::unique_ptr<TrialScheduler> rebuilt = MakeScheduler(spec_);
    for (size_t i = 0; i < trials_.size(); ++i) {
      const uint32_t number = static_cast<uint32_t>(i) + 1;
      const LoggedTrial& trial = trials_[i];
      rebuilt->OnCreated(number);
      size_t judged = 0;
      for (const uint32_t grant : trial.grants) {
        rebuilt->OnGranted(number, grant);
        for (; judged < trial.judged.size() && trial.judged[judged].epochs <= grant; ++judged) {
          rebuilt->OnJudged(trial.judged[judged]);
        }
      }
      if (trial.state == LoggedTrial::State::kPaused) rebuilt->OnPaused(number);
      if (trial.state == LoggedTrial::State::kEnded) rebuilt->OnEnded(number, trial.is_completed);
    }
    return rebuilt;
  }

 private:
  const v1::JobSpec spec_;
  std::unique_ptr<TrialScheduler> scheduler_;
  std::vector<LoggedTrial> trials_;
};

inline Outlook Plenty() { return {.epochs_left = 1'000'000}; }

}  // namespace caviar::schedule

#endif  // CAVIAR_TESTS_COORDINATOR_SCHEDULE_TRIAL_LOG_H_
