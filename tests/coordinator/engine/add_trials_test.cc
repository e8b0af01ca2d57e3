#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {
namespace {

using ::testing::HasSubstr;

class AddTrialsTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::vector<v1::Trial>> Add(const std::vector<double>& rates,
                                             const std::string& request_id = "") {
    v1::AddTrialsRequest request;
    request.set_job(absl::StrCat(job_));
    request.set_request_id(request_id);
    for (const double rate : rates) {
      (*request.add_points()->mutable_fields())["learning_rate"].set_number_value(rate);
    }
    return Ask(request);
  }
  absl::StatusOr<std::vector<v1::Trial>> Ask(const v1::AddTrialsRequest& request) {
    UserAsked asked;
    asked.request = RequestId{++requests_};
    asked.ask = request;
    const Reply reply = EngineHarness::FirstReply(harness_.Step(asked));
    if (!reply.answer.ok()) return reply.answer.status();
    const auto& trials = std::get<v1::AddTrialsResponse>(*reply.answer).trials();
    return std::vector<v1::Trial>(trials.begin(), trials.end());
  }
  // A job whose points all come from outside.
  void SubmitExternal(int trials) {
    v1::JobSpec spec = EngineHarness::Spec(trials);
    spec.mutable_sampler()->mutable_external();
    job_ = harness_.MustSubmit(spec);
  }
  v1::Job::State State() { return harness_.JobOf(job_).state(); }
  double Rate(uint32_t trial) {
    return harness_.Durable(job_, trial).point().fields().at("learning_rate").number_value();
  }

  EngineHarness harness_;
  uint32_t job_ = 0;
  uint64_t requests_ = 1000;
};

TEST_F(AddTrialsTest, ArePendingAtOnceInOrderWithTheirGrants) {
  SubmitExternal(3);
  const auto added = Add({0.1, 0.2});
  ASSERT_TRUE(added.ok()) << added.status();
  ASSERT_EQ(added->size(), 2u);
  for (uint32_t number : {1u, 2u}) {
    EXPECT_EQ((*added)[number - 1].number(), number);
    EXPECT_EQ((*added)[number - 1].state(), v1::Trial::PENDING);
    const v1::TrialRecord record = harness_.Durable(job_, number);
    EXPECT_TRUE(record.is_added());
    EXPECT_EQ(record.until_epoch(), 3u);
    EXPECT_EQ(Rate(number), number == 1 ? 0.1 : 0.2);
  }
}

TEST_F(AddTrialsTest, AnExternalJobWaitsForAllOfItsTrialsAndEndsWithTheLast) {
  SubmitExternal(3);
  const SessionId session = harness_.Connect("w", 2);
  EXPECT_TRUE(harness_.TakeAssigns(session).empty());
  ASSERT_TRUE(Add({0.1, 0.2}).ok());
  harness_.CompleteAll(session);
  EXPECT_EQ(State(), v1::Job::RUNNING);
  harness_.Restart();
  harness_.Connect("w", 2, 2);
  EXPECT_EQ(State(), v1::Job::RUNNING);
  const auto last = Add({0.3});
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->front().number(), 3u);
  EXPECT_EQ(last->front().state(), v1::Trial::RUNNING) << "a free slot takes it in the same step";
}

TEST_F(AddTrialsTest, AnExternalJobTriesEnqueuedPointsItself) {
  v1::JobSpec spec = EngineHarness::Spec(3);
  spec.mutable_sampler()->mutable_external();
  (*spec.add_enqueue()->mutable_fields())["learning_rate"].set_number_value(0.7);
  job_ = harness_.MustSubmit(spec);
  // Before any worker came: the enqueued one is the second trial then.
  ASSERT_TRUE(Add({0.1}).ok());
  const SessionId session = harness_.Connect("w");
  harness_.CompleteAll(session);
  EXPECT_EQ(harness_.JobOf(job_).trials().created(), 2u);
  EXPECT_EQ(Rate(1), 0.1);
  EXPECT_EQ(Rate(2), 0.7);
  EXPECT_EQ(State(), v1::Job::RUNNING);
}

TEST_F(AddTrialsTest, AnExternalJobCanBeCancelled) {
  SubmitExternal(3);
  ASSERT_TRUE(Add({0.1}).ok());
  EXPECT_EQ(harness_.AskAbout<v1::CancelJobRequest>(job_)->state(), v1::Job::CANCELLED);
  EXPECT_EQ(harness_.TrialOf(job_, 1).state(), v1::Trial::CANCELLED);
}

TEST_F(AddTrialsTest, AnExternalJobEndsWhenTheEpochsLeftAreTooFewForATrial) {
  v1::JobSpec spec = EngineHarness::Spec(3, 3);
  spec.mutable_sampler()->mutable_external();
  spec.mutable_budget()->set_total_epochs(5);
  job_ = harness_.MustSubmit(spec);
  EXPECT_THAT(std::string(Add({0.1, 0.2}).status().message()),
              HasSubstr("has 5 of its 5 epochs left, and these trials need 6"));
  ASSERT_TRUE(Add({0.1}).ok());
  const SessionId session = harness_.Connect("w");
  harness_.CompleteAll(session);
  EXPECT_EQ(State(), v1::Job::COMPLETED);
  EXPECT_EQ(harness_.JobOf(job_).reason(), "total_epochs reached");
}

TEST_F(AddTrialsTest, AllOrNothingAndExtendMakesRoom) {
  SubmitExternal(2);
  const absl::Status status = Add({0.1, 0.2, 0.3}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(std::string(status.message()),
            "job 1 has 2 of its 2 trials left, too few for 3; make room first: caviar extend 1 "
            "--trials +1");
  EXPECT_TRUE(harness_.last().writes.empty());
  ASSERT_TRUE(harness_.Extend(job_, 1).ok());
  EXPECT_TRUE(Add({0.1, 0.2, 0.3}).ok());
}

TEST_F(AddTrialsTest, AnEndedJobIsToBeExtendedFirst) {
  SubmitExternal(1);
  ASSERT_TRUE(Add({0.1}).ok());
  harness_.CompleteAll(harness_.Connect("w"));
  ASSERT_EQ(State(), v1::Job::COMPLETED);
  const absl::Status status = Add({0.2}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("caviar extend 1 --trials +N"));
  ASSERT_TRUE(harness_.Extend(job_, 1).ok());
  EXPECT_EQ(State(), v1::Job::RUNNING);
  EXPECT_TRUE(Add({0.2}).ok());
}

TEST_F(AddTrialsTest, ARetryGetsTheSameTrialsAlsoAfterARestartAndTheEnd) {
  SubmitExternal(2);
  ASSERT_EQ(Add({0.1, 0.2}, "r")->front().number(), 1u);
  const auto again = Add({0.1, 0.2}, "r");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->size(), 2u);
  EXPECT_TRUE(harness_.last().writes.empty());
  EXPECT_EQ(Add({0.1}, "r").status().code(), absl::StatusCode::kAlreadyExists);
  harness_.Restart();
  harness_.CompleteAll(harness_.Connect("w"));
  ASSERT_EQ(State(), v1::Job::COMPLETED);
  const auto late = Add({0.1, 0.2}, "r");
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_EQ(late->back().state(), v1::Trial::COMPLETED);
}

TEST_F(AddTrialsTest, KeepsTheNewestRequestsAlone) {
  SubmitExternal(200);
  for (int i = 0; i < 150; ++i) ASSERT_TRUE(Add({0.1}, absl::StrCat("r", i)).ok());
  EXPECT_EQ(harness_.disk().jobs[job_].additions_size(), 100);
  EXPECT_EQ(Add({0.1}, "r149")->front().number(), 150u);
}

TEST_F(AddTrialsTest, SaysAllThatIsWrongWithThePoints) {
  SubmitExternal(5);
  v1::AddTrialsRequest request;
  request.set_job("1");
  EXPECT_EQ(Ask(request).status().message(), "points: must be 1 to 1000, got 0");
  (*request.add_points()->mutable_fields())["learning_rat"].set_number_value(0.1);
  (*request.add_points()->mutable_fields())["learning_rate"].set_number_value(-1);
  (*request.add_points()->mutable_fields())["dropout"].set_number_value(0.5);
  const std::string message(Ask(request).status().message());
  EXPECT_THAT(message, HasSubstr("points[0].learning_rat: no such hyperparameter; did you mean "
                                 "learning_rate?"));
  EXPECT_THAT(message, HasSubstr("points[1].learning_rate: "));
  EXPECT_THAT(message, HasSubstr("points[2].dropout: is not in space"));
  EXPECT_TRUE(harness_.last().writes.empty());
}

TEST_F(AddTrialsTest, WhatAPointLeavesOutIsDrawnByItsTrialsNumber) {
  SubmitExternal(4);
  v1::AddTrialsRequest request;
  request.set_job("1");
  request.add_points();
  request.add_points();
  ASSERT_TRUE(Ask(request).ok());
  EXPECT_NE(Rate(1), Rate(2));
  const double second = Rate(2);
  job_ = harness_.MustSubmit(EngineHarness::Spec(4));  // random draws the same
  harness_.Connect("w", 4);
  EXPECT_EQ(Rate(2), second);
}

TEST_F(AddTrialsTest, ComeBeforeTheSamplersNextPointAndCountTowardsTheBudget) {
  job_ = harness_.MustSubmit(EngineHarness::Spec(4));
  const SessionId session = harness_.Connect("w", 1);
  ASSERT_TRUE(Add({0.9}).ok());
  for (int i = 0; i < 3; ++i) {
    for (const v1::Assign& assign : harness_.TakeAssigns(session)) {
      harness_.Complete(session, assign, 0.5);
    }
  }
  EXPECT_EQ(Rate(2), 0.9);
  harness_.CompleteAll(session);
  EXPECT_EQ(State(), v1::Job::COMPLETED);
  EXPECT_EQ(harness_.JobOf(job_).trials().created(), 4u);
}

TEST_F(AddTrialsTest, AGridStillHasEachOfItsCombinationsOnce) {
  v1::JobSpec spec = EngineHarness::Spec(5);
  spec.mutable_sampler()->mutable_grid()->set_points(4);
  job_ = harness_.MustSubmit(spec);
  const SessionId session = harness_.Connect("w", 1);
  ASSERT_TRUE(Add({0.5}).ok());
  harness_.CompleteAll(session);
  EXPECT_EQ(State(), v1::Job::COMPLETED);
  std::vector<double> rates;
  for (uint32_t trial : {1u, 3u, 4u, 5u}) rates.push_back(Rate(trial));
  for (size_t i = 0; i < rates.size(); ++i) {
    EXPECT_NEAR(rates[i], std::pow(10, -4 + static_cast<double>(i) * 4 / 3), 1e-9);
  }
}

TEST_F(AddTrialsTest, WaitInAPausedJob) {
  SubmitExternal(2);
  const SessionId session = harness_.Connect("w");
  ASSERT_TRUE(harness_.AskAbout<v1::PauseJobRequest>(job_).ok());
  ASSERT_TRUE(Add({0.1}).ok());
  EXPECT_TRUE(harness_.TakeAssigns(session).empty());
  ASSERT_TRUE(harness_.AskAbout<v1::ResumeJobRequest>(job_).ok());
  EXPECT_EQ(harness_.TakeAssigns(session).size(), 1u);
}

TEST_F(AddTrialsTest, GoThroughTheSameTrialScheduler) {
  v1::JobSpec spec = EngineHarness::Spec(4, 4);
  spec.mutable_sampler()->mutable_external();
  spec.mutable_scheduler()->mutable_asha()->set_reduction_factor(2);
  job_ = harness_.MustSubmit(spec);
  ASSERT_TRUE(Add({0.1, 0.2, 0.3, 0.4}).ok());
  EXPECT_EQ(harness_.Durable(job_, 4).until_epoch(), 1u);
  EXPECT_EQ(harness_.Durable(job_, 4).grants_size(), 1);
}

}  // namespace
}  // namespace caviar::engine
