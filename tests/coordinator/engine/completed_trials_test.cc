#include "coordinator/engine/completed_trials.h"

#include <gmock/gmock.h>

#include "coordinator/engine/importance_answer.h"
#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {
namespace {

using ::testing::HasSubstr;

class CompletedTrialsTest : public ::testing::Test {
 protected:
  // Trials with these values; those below 0 are infeasible. One more runs.
  CompletedTrialsTest() {
    const std::vector<double> values = {0.2, 0.9, -1.0, 0.5};
    job_ = harness_.MustSubmit(EngineHarness::Spec(static_cast<int>(values.size()) + 1, 1));
    const SessionId session = harness_.Connect("w");
    for (const double value : values) {
      const v1::Assign assign = harness_.TakeAssign(session);
      if (value >= 0) {
        harness_.Complete(session, assign, value);
      } else {
        harness_.Finish(session, assign.id(), 0, v1::AttemptFinished::INFEASIBLE, "", "NaN");
      }
    }
  }

  EngineHarness harness_;
  uint32_t job_ = 0;
};

TEST_F(CompletedTrialsTest, AreReadInParts) {
  absl::StatusOr<CompletedTrials> trials = CompletedTrials::Start(harness_.state(), "job");
  ASSERT_TRUE(trials.ok()) << trials.status();
  EXPECT_EQ(trials->job(), job_);
  EXPECT_EQ(trials->seed(), 5u);
  EXPECT_EQ(trials->ReadMore(harness_.state(), 2).value(), true);
  EXPECT_EQ(trials->observations().rows(), 2u);
  EXPECT_EQ(trials->ReadMore(harness_.state(), 2).value(), true);
  EXPECT_EQ(trials->ReadMore(harness_.state(), 2).value(), false);
  const search::Observations& observations = trials->observations();
  ASSERT_EQ(observations.rows(), 3u) << "the infeasible and the running one are left out";
  EXPECT_EQ(observations.row(1).loss, -0.9) << "validation accuracy is maximized";
  EXPECT_EQ(observations.row(2).loss, -0.5);
}

TEST_F(CompletedTrialsTest, SayThatTheJobWasDeletedMeanwhile) {
  absl::StatusOr<CompletedTrials> trials = CompletedTrials::Start(harness_.state(), "job");
  ASSERT_TRUE(trials->ReadMore(harness_.state(), 1).value());
  ASSERT_TRUE(harness_.AskAbout<v1::CancelJobRequest>(job_).ok());
  ASSERT_TRUE(harness_.AskAbout<v1::DeleteJobRequest>(job_).ok());
  EXPECT_EQ(trials->ReadMore(harness_.state(), 1).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(CompletedTrials::Start(harness_.state(), "job").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(CompletedTrialsTest, TooFewForImportanceAreCounted) {
  absl::StatusOr<CompletedTrials> trials = CompletedTrials::Start(harness_.state(), "job");
  ASSERT_FALSE(trials->ReadMore(harness_.state(), 1000).value());
  const absl::Status status =
      ImportanceAnswer(*trials, v1::GetImportanceRequest::PED_ANOVA).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("job 1: importance needs at least 10"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("there are 3"));
}

}  // namespace
}  // namespace caviar::engine
