#include "coordinator/search/choose_sampler.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

using testing::StartsWith;

constexpr char kDropout[] = R"("space": {"dropout": {"uniform": {"min": 0, "max": 0.5}}})";

// Of a job of so many trials over dropout alone, with other fields added.
std::string ChoiceFor(int trials, const std::string& more = "") {
  return ChooseSampler(SpecFromJson(absl::StrCat(
                           "{", kDropout, ", \"budget\": {\"trials\": ", trials, "}", more, "}")))
      .reason;
}

TEST(ChooseSamplerTest, GoesByTheNumberOfTrials) {
  EXPECT_THAT(ChoiceFor(7), StartsWith("sobol, because fewer than 8 trials"));
  EXPECT_THAT(ChoiceFor(8), StartsWith("zoom, because 8 trials"));
  EXPECT_THAT(ChoiceFor(24), StartsWith("zoom, because 24 trials"));
  EXPECT_THAT(ChoiceFor(25), StartsWith("gp, because 25 trials of 1 parameter are"));
  EXPECT_THAT(ChoiceFor(1000), StartsWith("gp, because 1000 trials"));
  EXPECT_THAT(ChoiceFor(1001), StartsWith("zoom, because 1001 trials of 1 parameter are too many"));
}

TEST(ChooseSamplerTest, PointsGivenForTheStartTeachNoSamplerHowToBegin) {
  EXPECT_THAT(ChoiceFor(8, R"(, "enqueue": [{"dropout": 0.1}])"), StartsWith("sobol"));
}

TEST(ChooseSamplerTest, OtherJobsTrialsTakeThePlaceOfAStart) {
  EXPECT_THAT(ChoiceFor(3, R"(, "warm_start": ["1"])"), StartsWith("gp, because 3 trials"));
}

TEST(ChooseSamplerTest, BeyondGpConditionsWantTpe) {
  const v1::JobSpec spec = SpecFromJson(R"({"budget": {"trials": 5000}, "space": {
      "optimizer": {"choice": ["adam", "momentum"]},
      "beta2": {"uniform": {"min": 0.9, "max": 0.999}, "when": {"optimizer": ["adam"]}}}})");
  EXPECT_TRUE(ChooseSampler(spec).sampler.has_tpe());
}

TEST(ChooseSamplerTest, ManyParametersAreTooManyForGp) {
  v1::JobSpec spec;
  spec.mutable_budget()->set_trials(100);
  for (int layer = 1; layer <= 31; ++layer) {
    v1::Domain& units = (*spec.mutable_space())[absl::StrCat("hidden_units_", layer)];
    units.mutable_int_()->set_min(1);
    units.mutable_int_()->set_max(9);
  }
  EXPECT_TRUE(ChooseSampler(spec).sampler.has_zoom());
}

TEST(ChooseSamplerTest, PbtWantsItsFirstPointsOnly) {
  EXPECT_THAT(ChoiceFor(100, R"(, "scheduler": {"pbt": {}})"), StartsWith("sobol, because pbt"));
}

}  // namespace
}  // namespace caviar::search
