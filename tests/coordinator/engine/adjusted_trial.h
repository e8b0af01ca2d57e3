// A trial under a person's hand: what a test says to it, and an attempt that trains it.
#ifndef CAVIAR_TESTS_COORDINATOR_ENGINE_ADJUSTED_TRIAL_H_
#define CAVIAR_TESTS_COORDINATOR_ENGINE_ADJUSTED_TRIAL_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {

using Struct = google::protobuf::Struct;

inline constexpr double kFirstRate = 0.25;

inline Struct Values(const std::map<std::string, double>& values) {
  Struct set;
  for (const auto& [name, value] : values) (*set.mutable_fields())[name].set_number_value(value);
  return set;
}
inline v1::AdjustTrialRequest Set(const std::map<std::string, double>& values) {
  v1::AdjustTrialRequest request;
  *request.mutable_set() = Values(values);
  return request;
}
inline v1::AdjustTrialRequest Do(v1::AdjustTrialRequest::Action action) {
  v1::AdjustTrialRequest request;
  request.set_action(action);
  return request;
}
inline v1::AdjustTrialRequest BackTo(uint32_t epoch,
                                     const std::map<std::string, double>& values = {}) {
  v1::AdjustTrialRequest request = Set(values);
  request.set_rollback_to_epoch(epoch);
  return request;
}
inline double Rate(const Struct& values) {
  return values.fields().at("learning_rate").number_value();
}

class AdjustTrialTest : public ::testing::Test {
 protected:
  // One trial of 10 epochs whose learning rate is kFirstRate.
  static v1::JobSpec Spec(int trials = 1) {
    v1::JobSpec spec = EngineHarness::Spec(trials, 10);
    *spec.add_enqueue() = Values({{"learning_rate", kFirstRate}});
    return spec;
  }
  void Start(const v1::JobSpec& spec = Spec()) {
    job_ = harness_.MustSubmit(spec);
    session_ = harness_.Connect("w");
    assign_ = harness_.TakeAssign(session_);
  }
  // Epochs after those that the attempt has; each is 0.01 times its number.
  Effects Train(uint32_t epochs) {
    std::vector<double> values;
    const uint32_t first = trained_ + 1;
    for (uint32_t i = 0; i < epochs; ++i) values.push_back(0.01 * ++trained_);
    return harness_.Measure(session_, assign_.id(), ++sequence_, first, values);
  }
  Effects Save(absl::string_view digest) {
    return harness_.Checkpoint(session_, assign_.id(), trained_, digest);
  }
  Effects Back() { return harness_.HandBack(session_, assign_.id(), sequence_); }
  // The next attempt, on whatever session.
  void Take(SessionId session) {
    session_ = session;
    assign_ = harness_.TakeAssign(session);
    trained_ = assign_.from_epoch();
    sequence_ = 0;
  }
  void SaveAndTakeAgain(absl::string_view digest) {
    Save(digest);
    Back();
    Take(session_);
  }
  void SaveAndHold(absl::string_view digest) {
    Save(digest);
    Back();
    EXPECT_EQ(Trial().state(), v1::Trial::PAUSED);
  }
  // The worker dies; another one goes on.
  void LoseTo(const std::string& worker) {
    harness_.Step(SessionClosed{session_});
    harness_.Tick(absl::Seconds(21));
    Take(harness_.Connect(worker));
  }
  absl::StatusOr<v1::Trial> Adjust(const v1::AdjustTrialRequest& request) {
    return harness_.Adjust(job_, request);
  }
  v1::Trial MustAdjust(const v1::AdjustTrialRequest& request) {
    const absl::StatusOr<v1::Trial> trial = Adjust(request);
    EXPECT_TRUE(trial.ok()) << trial.status();
    return trial.ok() ? *trial : v1::Trial();
  }
  v1::Trial Trial() { return harness_.TrialOf(job_, 1); }
  std::string Refusal(const v1::AdjustTrialRequest& request) {
    return std::string(Adjust(request).status().message());
  }

  EngineHarness harness_;
  uint32_t job_ = 0;
  SessionId session_{};
  v1::Assign assign_;
  uint32_t trained_ = 0;
  uint32_t sequence_ = 0;
};

}  // namespace caviar::engine

#endif  // CAVIAR_TESTS_COORDINATOR_ENGINE_ADJUSTED_TRIAL_H_
