#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "common/random/rng.h"
#include "common/status/check.h"
#include "coordinator/schedule/rung_levels.h"
#include "tests/coordinator/schedule/trial_log.h"

namespace caviar::schedule {
namespace {

using ::testing::HasSubstr;
using State = LoggedTrial::State;

// Rungs at 1, 2, 4 and 8 epochs; the best half of each goes on.
TrialLog Halving() {
  return TrialLog(SpecOf("asha { reduction_factor: 2 min_epochs: 1 }", 100, 8));
}

TEST(AshaSchedulerTest, PromotesTheBestOfEachReductionFactor) {
  TrialLog log = Halving();
  log.CreatePaused(0.5);
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), std::nullopt);  // floor(1 / 2) = 0
  log.CreatePaused(0.7);
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), (Promotion{2, 2}));
  log.Grant({2, 2});
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), std::nullopt);
  log.CreatePaused(0.6);
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), std::nullopt);  // floor(3 / 2) = 1: trial 2
  log.CreatePaused(0.1);
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), (Promotion{3, 2}));
}

// Algorithm 2: rungs are scanned from the top.
TEST(AshaSchedulerTest, PromotesFromTheHighestRungFirst) {
  TrialLog log = Halving();
  for (const double value : {0.9, 0.8, 0.2, 0.1}) log.CreatePaused(value);
  for (const uint32_t trial : {1u, 2u}) {
    log.Grant({trial, 2});
    log.Judge(trial, 0.5);
    log.Pause(trial);
  }
  for (const double value : {0.95, 0.3}) log.CreatePaused(value);
  // Trials 5 and (of 1 and 2, equal at rung 2) 1 have earned it.
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), (Promotion{1, 4}));
  log.Grant({1, 4});
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), (Promotion{5, 2}));
}

TEST(AshaSchedulerTest, TheValueAtTheRungDecidesAndAbsentIsWorst) {
  TrialLog log = Halving();
  log.CreatePaused(std::nullopt);
  log.CreatePaused(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), (Promotion{1, 2}));
  log.CreatePaused(-1e300);
  log.CreatePaused(0.1);
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), (Promotion{4, 2}));
}

TEST(AshaSchedulerTest, MinimizesWhereSmallerIsBetter) {
  v1::JobSpec spec = SpecOf("asha { reduction_factor: 2 min_epochs: 1 }", 100, 8);
  spec.mutable_objective()->set_direction(v1::Objective::MINIMIZE);
  TrialLog log(spec);
  log.CreatePaused(0.5);
  log.CreatePaused(0.7);
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), (Promotion{1, 2}));
}

TEST(AshaSchedulerTest, WhoHoldsASlotIsNotPromotedElsewhere) {
  TrialLog log = Halving();
  log.CreatePaused(0.5);
  const uint32_t best = log.Create();
  log.Judge(best, 0.9);  // still on its worker
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), std::nullopt);
  log.Pause(best);
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), (Promotion{best, 2}));
}

TEST(AshaSchedulerTest, GoesOnAtOnceIfItWouldBeNext) {
  TrialLog log = Halving();
  log.CreatePaused(0.5);
  const uint32_t good = log.Create();
  log.Judge(good, 0.9);
  EXPECT_EQ(log.scheduler().PromotesAtOnce(good, Plenty()), (Promotion{good, 2}));
  EXPECT_EQ(log.scheduler().PromotesAtOnce(good, {.epochs_left = 0}), std::nullopt);
  const uint32_t bad = log.Create();
  log.Judge(bad, 0.1);
  EXPECT_EQ(log.scheduler().PromotesAtOnce(bad, Plenty()), std::nullopt);
}

TEST(AshaSchedulerTest, ASlotGoesToAHigherRungFirst) {
  TrialLog log = Halving();
  for (const double value : {0.9, 0.8, 0.2, 0.1}) log.CreatePaused(value);
  for (const uint32_t trial : {1u, 2u}) {
    log.Grant({trial, 2});
    log.Judge(trial, 0.5);
    log.Pause(trial);
  }
  const uint32_t good = log.Create();
  log.Judge(good, 0.95);
  EXPECT_EQ(log.scheduler().PromotesAtOnce(good, Plenty()), std::nullopt);  // trial 1 at rung 2
}

TEST(AshaSchedulerTest, PromotesOnlyWhatTheBudgetHasEpochsFor) {
  TrialLog log = Halving();
  for (const double value : {0.9, 0.8, 0.2, 0.1}) log.CreatePaused(value);
  log.Grant({1, 2});
  log.Judge(1, 0.9);
  log.Pause(1);
  log.Grant({2, 2});
  log.Judge(2, 0.8);
  log.Pause(2);
  for (const double value : {0.7, 0.6}) log.CreatePaused(value);
  // Trial 1 needs 2 epochs more, trial 5 one.
  EXPECT_EQ(log.scheduler().NextPromotion({.epochs_left = 2}), (Promotion{1, 4}));
  EXPECT_EQ(log.scheduler().NextPromotion({.epochs_left = 1}), (Promotion{5, 2}));
  EXPECT_EQ(log.scheduler().NextPromotion({.epochs_left = 0}), std::nullopt);
}

TEST(AshaSchedulerTest, TrainsOneTrialToTheEndHoweverFewThereAre) {
  TrialLog log = Halving();
  log.CreatePaused(0.9);
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), std::nullopt);
  const Outlook last{.epochs_left = 100, .may_create = false, .is_last_chance = true};
  for (const uint32_t until : {2u, 4u, 8u}) {
    EXPECT_EQ(log.scheduler().NextPromotion(last), (Promotion{1, until}));
    log.Grant({1, until});
    log.Judge(1, 0.9);
    if (until < 8) log.Pause(1);
  }
  log.End(1, true);
  log.CreatePaused(0.1);
  log.End(2);
  log.CreatePaused(0.2);
  EXPECT_EQ(log.scheduler().NextPromotion(last), std::nullopt);  // one is enough
}

TEST(AshaSchedulerTest, StoppingTypeStopsWhoIsNotAmongTheBestSoFar) {
  TrialLog log(SpecOf("asha { reduction_factor: 2 min_epochs: 1 stopping: true }", 100, 8));
  EXPECT_FALSE(log.scheduler().Pauses());
  const uint32_t first = log.Create();
  EXPECT_EQ(log.Judge(first, 0.5), std::nullopt);  // the best of one
  EXPECT_EQ(log.scheduler().PromotesAtOnce(first, Plenty()), (Promotion{first, 2}));
  const uint32_t second = log.Create();
  EXPECT_EQ(log.Judge(second, 0.4), "asha: not among the best 1 of 2 at 1 epoch");
  const uint32_t third = log.Create();
  EXPECT_EQ(log.Judge(third, 0.6), std::nullopt);
  const uint32_t fourth = log.Create();
  EXPECT_EQ(log.Judge(fourth, 0.5), "asha: not among the best 2 of 4 at 1 epoch");  // tie: later
}

TEST(AshaSchedulerTest, ShowsHowManyCameToEachRungAndWentOn) {
  TrialLog log = Halving();
  for (const double value : {0.9, 0.8, 0.2, 0.1}) log.CreatePaused(value);
  log.Grant({1, 2});
  log.Grant({2, 2});
  log.Judge(1, 0.9);
  const std::vector<v1::RungProgress> rungs = log.scheduler().Rungs();
  ASSERT_EQ(rungs.size(), 4u);
  EXPECT_EQ(rungs[0].epochs(), 1u);
  EXPECT_EQ(rungs[0].trials(), 4u);
  EXPECT_EQ(rungs[0].promoted(), 2u);
  EXPECT_EQ(rungs[1].epochs(), 2u);
  EXPECT_EQ(rungs[1].trials(), 1u);
  EXPECT_EQ(rungs[3].epochs(), 8u);
  EXPECT_THAT(log.scheduler().WhyNotPromoted(3), HasSubstr("not among the best 2 of 4 at 1 epoch"));
}

// Algorithm 2 over all trials, by sorting each rung.
std::optional<Promotion> Naive(const std::vector<LoggedTrial>& trials,
                               const std::vector<uint32_t>& levels, uint32_t factor,
                               const Outlook& outlook) {
  for (int rung = static_cast<int>(levels.size()) - 2; rung >= 0; --rung) {
    if (levels[rung + 1] - levels[rung] > outlook.epochs_left) continue;
    std::vector<std::pair<double, uint32_t>> order;
    for (size_t i = 0; i < trials.size(); ++i) {
      for (const Judged& judged : trials[i].judged) {
        if (judged.epochs != levels[rung]) continue;
        order.emplace_back(-judged.value.value_or(-1e300), i + 1);
      }
    }
    std::sort(order.begin(), order.end());
    order.resize(order.size() / factor);
    for (const auto& [key, number] : order) {
      const LoggedTrial& trial = trials[number - 1];
      if (trial.state == State::kPaused && trial.grants.back() == levels[rung]) {
        return Promotion{number, levels[rung + 1]};
      }
    }
  }
  return std::nullopt;
}

TEST(AshaSchedulerTest, AgreesWithSortingAllTrialsOnRandomHistories) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Rng rng(seed);
    const uint32_t factor = 2 + rng.UniformInt(3);
    const uint32_t epochs = 2 + rng.UniformInt(60);
    const std::vector<uint32_t> levels = AshaLevels(1, factor, epochs);
    v1::JobSpec spec = SpecOf("asha { min_epochs: 1 }", 1000, static_cast<int>(epochs));
    spec.mutable_scheduler()->mutable_asha()->set_reduction_factor(static_cast<int>(factor));
    TrialLog log(spec);
    std::unique_ptr<TrialScheduler> rebuilt;
    for (int step = 0; step < 400; ++step) {
      const Outlook outlook{.epochs_left = rng.UniformInt(epochs + 10)};
      const std::optional<Promotion> next = log.scheduler().NextPromotion(outlook);
      ASSERT_EQ(next, Naive(log.trials(), levels, factor, outlook)) << "seed " << seed;
      if (step % 20 == 0) {
        ASSERT_EQ(log.Rebuilt()->NextPromotion(outlook), next) << "seed " << seed;
      }
      if (next.has_value() && rng.UniformInt(2) == 0) {
        log.Grant(*next);
        continue;
      }
      const uint32_t what = rng.UniformInt(4);
      if (log.trials().empty() || what == 0) {
        log.Create();
        continue;
      }
      const uint32_t number = 1 + rng.UniformInt(static_cast<uint32_t>(log.trials().size()));
      LoggedTrial& trial = log.trial(number);
      if (trial.state != State::kRunning) continue;
      if (what == 1 && rng.UniformInt(8) == 0) {
        log.End(number);
      } else if (!trial.has_used_grant()) {
        std::optional<double> value = rng.UniformInt(16) / 16.0;
        if (rng.UniformInt(10) == 0) value.reset();
        log.Judge(number, value);
      } else if (trial.grants.back() == epochs) {
        log.End(number, true);
      } else if (const auto at_once = log.scheduler().PromotesAtOnce(number, outlook)) {
        log.Grant(*at_once);
      } else {
        log.Pause(number);
      }
    }
  }
}

}  // namespace
}  // namespace caviar::schedule
