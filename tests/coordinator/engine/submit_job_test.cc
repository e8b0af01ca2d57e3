#include <gmock/gmock.h>

#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {
namespace {

using ::testing::HasSubstr;

TEST(SubmitJobTest, IsDurableWithEveryDefaultFilledIn) {
  EngineHarness harness;
  v1::JobSpec spec;
  spec.set_dataset("letters");
  const absl::StatusOr<v1::Job> job = harness.Submit(spec);
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->id(), 1u);
  EXPECT_EQ(job->name(), "letters");
  EXPECT_EQ(job->state(), v1::Job::RUNNING);
  const v1::JobSpec& stored = harness.disk().jobs[1].spec();
  EXPECT_GT(stored.space_size(), 0);
  EXPECT_GT(stored.budget().trials(), 0);
  EXPECT_EQ(stored.objective().metric(), "validation_accuracy");
  EXPECT_EQ(stored.seed(), 77u);
  EXPECT_EQ(harness.disk().engine.next_job_id(), 2u);
}

TEST(SubmitJobTest, GivesARetryTheSameJob) {
  EngineHarness harness;
  EXPECT_EQ(harness.Submit(EngineHarness::Spec(), "r").value().id(), 1u);
  EXPECT_EQ(harness.Submit(EngineHarness::Spec(), "r").value().id(), 1u);
  EXPECT_TRUE(harness.last().writes.empty());
  harness.Restart();
  EXPECT_EQ(harness.Submit(EngineHarness::Spec(), "r").value().id(), 1u);
  EXPECT_EQ(harness.Submit(EngineHarness::Spec()).value().id(), 2u);
}

TEST(SubmitJobTest, RefusesAnotherSpecUnderTheSameRequestId) {
  EngineHarness harness;
  ASSERT_TRUE(harness.Submit(EngineHarness::Spec(4), "r").ok());
  const absl::StatusOr<v1::Job> other = harness.Submit(EngineHarness::Spec(5), "r");
  EXPECT_EQ(other.status().code(), absl::StatusCode::kAlreadyExists);
}

TEST(SubmitJobTest, NamesTheKnownDataSetsWhenTheOneAskedForIsUnknown) {
  EngineHarness harness;
  v1::JobSpec spec = EngineHarness::Spec();
  spec.set_dataset("leters");
  const absl::StatusOr<v1::Job> job = harness.Submit(spec);
  EXPECT_EQ(job.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(job.status().message()), HasSubstr("letters"));
}

TEST(SubmitJobTest, RefusesPathsOfUsers) {
  EngineHarness harness;
  v1::JobSpec spec = EngineHarness::Spec();
  spec.mutable_data()->set_path("/etc/passwd");
  for (const char* dataset : {"letters", ""}) {
    spec.set_dataset(dataset);
    const absl::Status status = harness.Submit(spec).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("data: the coordinator opens no files"));
    EXPECT_TRUE(harness.last().writes.empty());
  }
}

TEST(SubmitJobTest, ReportsWhatIsWrongWithTheSpecAndKeepsNothing) {
  EngineHarness harness;
  v1::JobSpec spec = EngineHarness::Spec();
  (*spec.mutable_space())["learning_rat"].mutable_log()->set_min(1);
  EXPECT_EQ(harness.Submit(spec).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(harness.last().writes.empty());
  EXPECT_EQ(harness.MustSubmit(EngineHarness::Spec()), 1u);
}

TEST(SubmitJobTest, NeverReusesAnId) {
  EngineHarness harness;
  const uint32_t first = harness.MustSubmit(EngineHarness::Spec());
  ASSERT_TRUE(harness.AskAbout<v1::CancelJobRequest>(first).ok());
  ASSERT_TRUE(harness.AskAbout<v1::DeleteJobRequest>(first).ok());
  harness.Restart();
  EXPECT_EQ(harness.MustSubmit(EngineHarness::Spec()), 2u);
}

TEST(DatasetTest, IsRegisteredOnceUnlessTheSameMayBeReused) {
  EngineHarness harness;
  EXPECT_EQ(harness.AddDataset("letters", "", false).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(harness.AddDataset("letters", "", true).ok());
  EXPECT_EQ(harness.AddDataset("letters", "other", true).code(), absl::StatusCode::kAlreadyExists);
}

TEST(DatasetTest, IsNotDeletedUnderARunningJob) {
  EngineHarness harness;
  const uint32_t job = harness.MustSubmit(EngineHarness::Spec());
  v1::DeleteDatasetRequest request;
  request.set_name("letters");
  EXPECT_EQ(harness.Ask(request).status().code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(harness.AskAbout<v1::CancelJobRequest>(job).ok());
  EXPECT_TRUE(harness.Ask(request).ok());
  EXPECT_EQ(EngineHarness::Released(harness.last()), std::vector{Digest("data")});
  EXPECT_EQ(harness.Ask(request).status().code(), absl::StatusCode::kNotFound);
  // Extending the job would need it again.
  EXPECT_EQ(harness.Extend(job, 1).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(DatasetTest, SharesBytesWithAnotherOfTheSameContent) {
  EngineHarness harness;
  ASSERT_TRUE(harness.AddDataset("copy").ok());
  v1::DeleteDatasetRequest request;
  request.set_name("letters");
  ASSERT_TRUE(harness.Ask(request).ok());
  EXPECT_TRUE(EngineHarness::Released(harness.last()).empty());
}

}  // namespace
}  // namespace caviar::engine
