// Retests that a job's spec asks for every so often.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/coordinator/engine/rerun_fixture.h"

namespace caviar::engine {
namespace {

using ::testing::HasSubstr;

class RetestPolicyTest : public RerunJobTest {
 protected:
  void RunJobWithPolicy() {
    RunJob([](v1::JobSpec& spec) {
      spec.mutable_retest()->mutable_every()->set_seconds(90 * 24 * 3600);
      spec.mutable_retest()->set_top(2);
    });
  }
  size_t Jobs() const { return harness_.state().jobs.size(); }
};

TEST_F(RetestPolicyTest, StartsARetestEachTimeItIsDue) {
  RunJobWithPolicy();
  EXPECT_EQ(harness_.last().next_deadline <= harness_.now() + absl::Hours(90 * 24), true);
  harness_.Tick(absl::Hours(90 * 24 - 1));
  EXPECT_EQ(Jobs(), 1u);
  harness_.Tick(absl::Hours(1));
  ASSERT_EQ(Jobs(), 2u);
  const v1::Job retest = harness_.JobOf(2);
  EXPECT_EQ(retest.origin().kind(), v1::Origin::RETEST);
  EXPECT_EQ(retest.origin().sources_size(), 2);
  EXPECT_EQ(retest.origin().seeds(), 1u);
  EXPECT_FALSE(retest.spec().has_retest());
  harness_.Tick(absl::Hours(90 * 24));
  ASSERT_EQ(Jobs(), 3u);
  EXPECT_NE(harness_.JobOf(3).spec().seed(), retest.spec().seed());
}

TEST_F(RetestPolicyTest, IsKeptOverARestart) {
  RunJobWithPolicy();
  harness_.Tick(absl::Hours(60 * 24));
  harness_.Restart();
  harness_.Tick(absl::Hours(29 * 24));
  EXPECT_EQ(Jobs(), 1u);
  // Down when it was due, and for several times as long: one, not four.
  harness_.Pass(absl::Hours(300 * 24));
  harness_.Restart();
  harness_.Step(TimePassed{});
  EXPECT_EQ(Jobs(), 2u);
  harness_.Tick(absl::Hours(89 * 24));
  EXPECT_EQ(Jobs(), 2u);
  harness_.Tick(absl::Hours(24));
  EXPECT_EQ(Jobs(), 3u);
}

TEST_F(RetestPolicyTest, IsLeftOutWithAWarningWhileTheDataAreGone) {
  RunJobWithPolicy();
  ASSERT_TRUE(DeleteDataset("letters").ok());
  harness_.Tick(absl::Hours(90 * 24));
  harness_.Tick(absl::Hours(90 * 24));
  EXPECT_EQ(Jobs(), 1u);
  const v1::Job job = harness_.JobOf(1);
  std::vector<std::string> warnings;
  for (const std::string& warning : job.warnings()) {
    if (warning.find("retest: ") == 0) warnings.push_back(warning);
  }
  ASSERT_EQ(warnings.size(), 1u);  // the newest
  EXPECT_THAT(warnings[0], HasSubstr("was left out: dataset: there is no data set \"letters\""));
  Import("letters", 4);
  harness_.Tick(absl::Hours(90 * 24));
  EXPECT_EQ(Jobs(), 2u);
}

TEST_F(RetestPolicyTest, StopsWithTheJob) {
  RunJobWithPolicy();
  harness_.AskAbout<v1::DeleteJobRequest>(1).IgnoreError();
  harness_.Tick(absl::Hours(1000 * 24));
  EXPECT_EQ(Jobs(), 0u);
  EXPECT_EQ(harness_.state().retests.next(), absl::InfiniteFuture());
}

TEST_F(RetestPolicyTest, WaitsForTheEndOfAJobThatWasExtended) {
  RunJobWithPolicy();
  harness_.Tick(absl::Hours(89 * 24));
  ASSERT_TRUE(harness_.Extend(1, 1).ok());
  harness_.Tick(absl::Hours(10 * 24));
  EXPECT_EQ(Jobs(), 1u);
}

TEST_F(RetestPolicyTest, ACancelledJobHasNone) {
  v1::JobSpec spec = EngineHarness::Spec(4, 2);
  spec.mutable_retest()->mutable_every()->set_seconds(3600);
  harness_.MustSubmit(spec);
  harness_.AskAbout<v1::CancelJobRequest>(1).IgnoreError();
  harness_.Tick(absl::Hours(2));
  EXPECT_EQ(Jobs(), 1u);
}

TEST_F(RetestPolicyTest, MustNotBeTooOften) {
  v1::JobSpec spec = EngineHarness::Spec(4, 2);
  spec.mutable_retest()->set_top(0);
  EXPECT_THAT(ErrorOf(harness_.Submit(spec)), HasSubstr("retest.every: must be given"));
  spec.mutable_retest()->mutable_every()->set_seconds(3599);
  EXPECT_THAT(ErrorOf(harness_.Submit(spec)), HasSubstr("at least 1h"));
  spec.mutable_retest()->mutable_every()->set_seconds(3600);
  spec.mutable_retest()->set_top(101);
  EXPECT_THAT(ErrorOf(harness_.Submit(spec)), HasSubstr("retest.top: must be in [1, 100]"));
  spec.mutable_retest()->set_top(0);
  EXPECT_EQ(harness_.Submit(spec)->spec().retest().top(), 10);
}

}  // namespace
}  // namespace caviar::engine
