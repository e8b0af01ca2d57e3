// What a spec gets and keeps; what is refused is in expand_job_problems_test.cc.
#include "coordinator/search/expand_job.h"

#include <set>
#include <string>

#include "coordinator/search/job_sampler.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/expand_letters_job.h"

namespace caviar::search {
namespace {

using testing::StartsWith;

std::set<std::string> NamesOf(const v1::JobSpec& spec) {
  std::set<std::string> names;
  for (const auto& [name, domain] : spec.space()) names.insert(name);
  return names;
}

TEST(ExpandJobTest, EmptySpecGetsEveryDefault) {
  const absl::StatusOr<ExpandedJob> job = Expand("{}");
  ASSERT_TRUE(job.ok()) << job.status();
  const v1::JobSpec& spec = job->spec;
  EXPECT_EQ(spec.name(), "letters");
  EXPECT_EQ(spec.objective().metric(), "validation_accuracy");
  EXPECT_EQ(spec.objective().direction(), v1::Objective::MAXIMIZE);
  EXPECT_EQ(spec.budget().trials(), 60);
  EXPECT_EQ(spec.budget().epochs(), 20);
  EXPECT_TRUE(spec.sampler().has_gp());
  EXPECT_THAT(job->sampler_choice, StartsWith("gp, because 60 trials of 9 parameters"));
  EXPECT_EQ(spec.seed(), 99u);
  EXPECT_EQ(spec.weight(), 1);
  EXPECT_EQ(NamesOf(spec), (std::set<std::string>{"learning_rate", "momentum", "beta2", "optimizer",
                                                  "batch_size", "hidden_units", "hidden_layers",
                                                  "dropout", "learning_rate_schedule"}));
  EXPECT_TRUE(job->warnings.empty()) << job->warnings.front();
}

TEST(ExpandJobTest, ExpandingTwiceChangesNothing) {
  for (const char* json :
       {"{}", R"({"budget": {"trials": 200}})", R"({"sampler": {"grid": {}}})"}) {
    const absl::StatusOr<ExpandedJob> once = Expand(json);
    ASSERT_TRUE(once.ok()) << once.status();
    const absl::StatusOr<ExpandedJob> twice = ExpandJob(once->spec, Letters(), 5);
    ASSERT_TRUE(twice.ok()) << twice.status();
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(once->spec, twice->spec));
  }
}

TEST(ExpandJobTest, WhatWasWrittenStays) {
  const char* const kJson = R"({
    "name": "mine", "objective": {"metric": "validation_loss", "direction": "MINIMIZE"},
    "budget": {"trials": 3, "epochs": 2, "totalEpochs": 5, "wallTime": "30s"},
    "sampler": {"zoom": {"rounds": 2, "keep": 0.5, "explore": 0}},
    "space": {"learning_rate": {"log": {"min": 0.001, "max": 0.1}}},
    "scheduler": {"asha": {"reductionFactor": 2, "minEpochs": 1, "stopping": true}},
    "seed": 0, "weight": 2.5, "maxParallelTrials": 4})";
  v1::JobSpec expected = SpecFromJson(kJson);
  expected.set_dataset("letters");
  const absl::StatusOr<ExpandedJob> job = Expand(kJson);
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(job->spec, expected))
      << job->spec.ShortDebugString();
}

TEST(ExpandJobTest, LossIsMinimizedUnlessToldOtherwise) {
  EXPECT_EQ(Expand(R"({"objective": {"metric": "validation_loss"}})")->spec.objective().direction(),
            v1::Objective::MINIMIZE);
  EXPECT_EQ(
      Expand(R"({"objective": {"metric": "validation_macro_f1"}})")->spec.objective().direction(),
      v1::Objective::MAXIMIZE);
}

TEST(ExpandJobTest, AutoIsResolvedAndSaysWhy) {
  for (const char* json :
       {R"({"sampler": {"auto": {}}, "budget": {"trials": 8}})", R"({"budget": {"trials": 8}})"}) {
    const absl::StatusOr<ExpandedJob> job = Expand(json);
    ASSERT_TRUE(job.ok()) << job.status();
    EXPECT_EQ(job->spec.sampler().zoom().rounds(), 5) << "with the defaults of what was chosen";
    EXPECT_THAT(job->sampler_choice, StartsWith("zoom, because 8 trials"));
  }
}

TEST(ExpandJobTest, NothingIsSaidAboutASamplerThatWasAskedFor) {
  EXPECT_EQ(Expand(R"({"sampler": {"random": {}}})")->sampler_choice, "");
}

TEST(ExpandJobTest, TpeGetsItsDefaultsAndKeepsNoStartWhereThatIsAskedFor) {
  const v1::TpeSampler tpe = Expand(R"({"sampler": {"tpe": {}}})")->spec.sampler().tpe();
  EXPECT_EQ(tpe.startup_trials(), 10);
  EXPECT_EQ(tpe.candidates(), 24);
  EXPECT_EQ(tpe.good_share(), 0.1);
  EXPECT_EQ(tpe.good_max(), 25);
  EXPECT_EQ(tpe.prior_weight(), 1);
  EXPECT_EQ(Expand(R"({"sampler": {"tpe": {"startupTrials": 0}}})")
                ->spec.sampler()
                .tpe()
                .startup_trials(),
            0);
}

TEST(ExpandJobTest, ZoomGetsItsDefaults) {
  const absl::StatusOr<ExpandedJob> job = Expand(R"({"sampler": {"zoom": {}}})");
  ASSERT_TRUE(job.ok());
  EXPECT_EQ(job->spec.sampler().zoom().rounds(), 5);
  EXPECT_EQ(job->spec.sampler().zoom().keep(), 0.3);
  EXPECT_EQ(job->spec.sampler().zoom().explore(), 0.1);
}

TEST(ExpandJobTest, DefaultSpaceLeavesOutWhatIsFixedOrPointless) {
  const absl::StatusOr<ExpandedJob> adam =
      Expand(R"({"fixed": {"optimizer": "adam", "dropout": 0.2}})");
  ASSERT_TRUE(adam.ok()) << adam.status();
  EXPECT_EQ(NamesOf(adam->spec),
            (std::set<std::string>{"learning_rate", "beta2", "batch_size", "hidden_units",
                                   "hidden_layers", "learning_rate_schedule"}));
  EXPECT_TRUE(adam->spec.space().at("beta2").when().empty());
  EXPECT_TRUE(adam->warnings.empty());

  const absl::StatusOr<ExpandedJob> nesterov = Expand(R"({"fixed": {"optimizer": "nesterov"}})");
  ASSERT_TRUE(nesterov.ok()) << nesterov.status();
  EXPECT_TRUE(nesterov->spec.space().contains("momentum"));
  EXPECT_FALSE(nesterov->spec.space().contains("beta2"));

  const absl::StatusOr<ExpandedJob> softmax = Expand(R"({"fixed": {"hidden_layers": 0}})");
  ASSERT_TRUE(softmax.ok()) << softmax.status();
  EXPECT_FALSE(softmax->spec.space().contains("hidden_units"));
  EXPECT_FALSE(softmax->spec.space().contains("dropout"));
}

TEST(ExpandJobTest, DefaultBatchSizesFitSmallData) {
  v1::Dataset iris = Letters();
  iris.mutable_train()->set_rows(105);
  v1::JobSpec spec;
  spec.set_dataset("iris");
  const absl::StatusOr<ExpandedJob> job = ExpandJob(spec, iris, 1);
  ASSERT_TRUE(job.ok()) << job.status();
  for (const auto& size : job->spec.space().at("batch_size").values().values()) {
    EXPECT_LE(size.number_value(), 32);
  }
  EXPECT_TRUE(job->warnings.empty());
}

TEST(ExpandJobTest, GridTakesAsManyPointsAsTheBudgetHasRoomFor) {
  const absl::StatusOr<ExpandedJob> job = Expand(R"({
    "sampler": {"grid": {}}, "budget": {"trials": 30},
    "space": {"learning_rate": {"log": {"min": 0.001, "max": 0.1}},
              "dropout": {"uniform": {"min": 0, "max": 0.5}}}})");
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->spec.sampler().grid().points(), 5);
}

// What a data set is called is not for a job to refuse.
TEST(ExpandJobTest, AJobThatIsNamedAfterANumberedDataSetIsNoNumber) {
  v1::JobSpec spec;
  spec.set_dataset("2024");
  EXPECT_EQ(ExpandJob(spec, Letters(), 1)->spec.name(), "data-2024");
  spec.set_dataset(std::string(128, '7'));
  EXPECT_TRUE(ExpandJob(spec, Letters(), 1).ok()) << ExpandJob(spec, Letters(), 1).status();
}

// The job file of the reference, as a client sends it.
TEST(ExpandJobTest, TheReferenceExampleIsValidAndRuns) {
  const absl::StatusOr<ExpandedJob> job = Expand(R"({
    "name": "letters", "objective": {"metric": "validation_accuracy", "direction": "MAXIMIZE"},
    "budget": {"trials": 60, "epochs": 20, "totalEpochs": 900, "wallTime": "1800s"},
    "sampler": {"zoom": {"rounds": 3}},
    "space": {
      "learning_rate": {"log": {"min": 1e-4, "max": 1.0}},
      "momentum": {"logComplement": {"min": 0.9, "max": 0.999}},
      "hidden_layers": {"int": {"min": 1, "max": 4}},
      "hidden_units": {"intLog": {"min": 32, "max": 512}},
      "batch_size": {"values": [32, 64, 128, 256, 512]},
      "optimizer": {"choice": ["momentum", "rmsprop", "adam"]},
      "beta2": {"logComplement": {"min": 0.9, "max": 0.9999},
                "when": {"optimizer": ["rmsprop", "adam"]}},
      "dropout": {"uniform": {"min": 0.0, "max": 0.5}}},
    "fixed": {"batch_norm": true, "activation": "relu"},
    "enqueue": [{"learning_rate": 0.003, "momentum": 0.9, "hidden_layers": 2, "hidden_units": 256,
                 "batch_size": 64, "optimizer": "adam", "beta2": 0.999, "dropout": 0}],
    "seed": 7, "maxParallelTrials": 8, "weight": 1})");
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_TRUE(job->warnings.empty()) << job->warnings.front();
  const absl::StatusOr<JobSampler> sampler = JobSampler::Create(job->spec);
  ASSERT_TRUE(sampler.ok()) << sampler.status();
  EXPECT_TRUE(SamePoint(sampler->Propose(1, {}, {})->point, job->spec.enqueue(0)));
  EXPECT_TRUE(sampler->space().Contains(sampler->Propose(2, {}, {})->point));
}

}  // namespace
}  // namespace caviar::search
