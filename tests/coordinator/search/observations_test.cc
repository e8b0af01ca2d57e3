#include "coordinator/search/observations.h"

#include <cmath>
#include <limits>

#include "common/status/check.h"
#include "gtest/gtest.h"

namespace caviar::search {
namespace {

using google::protobuf::Value;

Value Word(const char* text) {
  Value value;
  value.set_string_value(text);
  return value;
}

// optimizer, and beta for adam only.
Space SpaceWithCondition() {
  google::protobuf::Map<std::string, v1::Domain> domains;
  *domains["optimizer"].mutable_choice()->add_values() = Word("adam");
  *domains["optimizer"].mutable_choice()->add_values() = Word("momentum");
  domains["beta"].mutable_uniform()->set_min(0);
  domains["beta"].mutable_uniform()->set_max(2);
  *(*domains["beta"].mutable_when())["optimizer"].add_values() = Word("adam");
  absl::StatusOr<Space> space = Space::Create(domains);
  CAVIAR_CHECK(space.ok()) << space.status().ToString();
  return *std::move(space);
}

Point Adam(double beta) {
  Point point;
  (*point.mutable_fields())["optimizer"] = Word("adam");
  (*point.mutable_fields())["beta"].set_number_value(beta);
  return point;
}

Point Momentum() {
  Point point;
  (*point.mutable_fields())["optimizer"] = Word("momentum");
  return point;
}

TEST(ObservationsTest, HoldPlacesOfActiveParametersAndNothingForOthers) {
  const Space space = SpaceWithCondition();
  Observations observations(space, v1::Objective::MAXIMIZE);
  observations.AddTrial(space, Adam(0.5));
  observations.AddTrial(space, Momentum());
  const int beta = *space.Find("beta");
  EXPECT_EQ(observations.column(beta)[0], 0.25);
  EXPECT_TRUE(std::isnan(observations.column(beta)[1]));
}

TEST(ObservationsTest, TurnTheObjectiveSoThatSmallerIsBetter) {
  const Space space = SpaceWithCondition();
  for (const auto direction : {v1::Objective::MAXIMIZE, v1::Objective::MINIMIZE}) {
    Observations observations(space, direction);
    observations.AddTrial(space, Momentum());
    observations.EndTrial(1, Observations::Outcome::kCompleted, 3.0, 7);
    EXPECT_EQ(observations.row(0).loss, direction == v1::Objective::MAXIMIZE ? -3.0 : 3.0);
    EXPECT_EQ(observations.row(0).epochs, 7u);
  }
}

TEST(ObservationsTest, KeepTrialsOfAnotherJobBeforeTheirOwn) {
  const Space space = SpaceWithCondition();
  Observations observations(space, v1::Objective::MINIMIZE);
  observations.AddPrior(space, Adam(1), 0.5);
  observations.AddPrior(space, Adam(1), std::numeric_limits<double>::infinity());  // says nothing
  observations.AddTrial(space, Momentum(), 9);
  observations.EndTrial(1, Observations::Outcome::kPruned, std::nullopt, 2);
  ASSERT_EQ(observations.rows(), 2u);
  EXPECT_EQ(observations.priors(), 1u);
  EXPECT_EQ(observations.row(0).loss, 0.5);
  EXPECT_EQ(observations.row(1).note, 9u);
  EXPECT_TRUE(std::isnan(observations.row(1).loss));
}

TEST(ObservationsTest, ATrialAtARungCountsAsPrunedThereUntilItComesFurther) {
  const Space space = SpaceWithCondition();
  Observations observations(space, v1::Objective::MINIMIZE);
  observations.AddTrial(space, Momentum());
  observations.ReportRung(1, 0.5, 1);
  EXPECT_EQ(observations.row(0).outcome, Observations::Outcome::kPruned);
  EXPECT_EQ(observations.row(0).loss, 0.5);
  observations.ReportRung(1, 0.7, 4);
  EXPECT_EQ(observations.row(0).epochs, 4u);
  EXPECT_EQ(observations.row(0).loss, 0.7);
  observations.EndTrial(1, Observations::Outcome::kCompleted, 0.2, 16);
  EXPECT_EQ(observations.row(0).outcome, Observations::Outcome::kCompleted);
  EXPECT_EQ(observations.row(0).loss, 0.2);
  EXPECT_EQ(observations.ranking().size(), 1u) << "a trial is ranked once";
  EXPECT_EQ(observations.valued(), 1u);
}

// Trial n of four is at rung 1 with loss n / 10, the first two at rung 4 with loss 1 - n / 10.
Observations AtRungs(const Space& space) {
  Observations observations(space, v1::Objective::MINIMIZE);
  for (int trial = 1; trial <= 4; ++trial) {
    observations.AddTrial(space, Adam(0.1 * trial));
    observations.ReportRung(trial, 0.1 * trial, 1);
  }
  for (int trial = 1; trial <= 2; ++trial) observations.ReportRung(trial, 1 - 0.1 * trial, 4);
  return observations;
}

TEST(ObservationsTest, TheHighestRungWithEnoughRowsCounts) {
  const Space space = SpaceWithCondition();
  const Observations observations = AtRungs(space);
  const Observations high = observations.AtHighestRung(2);
  ASSERT_EQ(high.valued(), 2u);
  EXPECT_EQ(high.ranking().begin()->row, 1u) << "at rung 4 trial 2 is better";
  EXPECT_EQ(high.row(0).loss, 0.9);
  EXPECT_EQ(high.row(0).outcome, Observations::Outcome::kCompleted);
  const Observations low = observations.AtHighestRung(3);
  ASSERT_EQ(low.valued(), 4u);
  EXPECT_EQ(low.row(1).loss, 0.2) << "of rung 1, though it came further";
  EXPECT_EQ(low.column(0).size(), 4u);
  EXPECT_EQ(observations.AtHighestRung(5).valued(), 4u) << "the lowest, where none has enough";
}

TEST(ObservationsTest, EnoughCompletedTrialsCountAlone) {
  const Space space = SpaceWithCondition();
  Observations observations = AtRungs(space);
  observations.EndTrial(1, Observations::Outcome::kCompleted, 0.05, 16);
  observations.EndTrial(2, Observations::Outcome::kCompleted, 0.07, 16);
  EXPECT_EQ(observations.AtHighestRung(2).valued(), 2u);
  EXPECT_EQ(observations.AtHighestRung(2).row(0).loss, 0.05);
  EXPECT_EQ(observations.AtHighestRung(3).valued(), 4u);
}

TEST(ObservationsTest, WhatRunsOrIsInfeasibleStaysBesideEachRung) {
  const Space space = SpaceWithCondition();
  Observations observations = AtRungs(space);
  observations.AddTrial(space, Momentum());
  observations.AddTrial(space, Momentum(), 7);
  observations.EndTrial(5, Observations::Outcome::kInfeasible, std::nullopt, 0);
  const Observations high = observations.AtHighestRung(2);
  ASSERT_EQ(high.rows(), 4u);
  EXPECT_EQ(high.valued(), 2u);
  EXPECT_EQ(high.ranking().size(), 3u);
  EXPECT_EQ(high.row(3).outcome, Observations::Outcome::kPending);
  EXPECT_EQ(high.row(3).note, 7u);
}

}  // namespace
}  // namespace caviar::search
