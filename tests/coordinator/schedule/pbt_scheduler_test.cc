#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "common/random/rng.h"
#include "tests/coordinator/schedule/trial_log.h"

namespace caviar::schedule {
namespace {

using ::testing::HasSubstr;

v1::JobSpec PbtSpec(int trials, int population, int epochs = 6, double quantile = 0.25) {
  v1::JobSpec spec = SpecOf("pbt { interval_epochs: 2 resample: 0.25 }", trials, epochs);
  spec.mutable_scheduler()->mutable_pbt()->set_population(population);
  spec.mutable_scheduler()->mutable_pbt()->set_quantile(quantile);
  spec.set_seed(3);
  return spec;
}

// All promotions that are due, in their order.
std::vector<Promotion> Promotions(TrialLog& log, const Outlook& outlook = Plenty()) {
  std::vector<Promotion> promotions;
  while (const std::optional<Promotion> next = log.scheduler().NextPromotion(outlook)) {
    promotions.push_back(*next);
    log.Grant(*next);
  }
  return promotions;
}

// By hand: 8 trials, a quarter is two. Values 0.1 … 0.8; the two worst copy one of the two best.
TEST(PbtSchedulerTest, TheWorstQuarterCopiesTheBestOnceAllHaveCome) {
  TrialLog log(PbtSpec(8, 8));
  const std::vector<double> values = {0.5, 0.1, 0.8, 0.3, 0.2, 0.7, 0.4, 0.6};
  for (size_t i = 0; i < 7; ++i) log.CreatePaused(values[i]);
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), std::nullopt);
  const uint32_t last = log.Create();
  log.Judge(last, values[7]);
  EXPECT_EQ(log.scheduler().PromotesAtOnce(last, Plenty()), std::nullopt);
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), std::nullopt) << "it has no checkpoint yet";
  log.Pause(last);
  const std::vector<Promotion> promotions = Promotions(log);
  ASSERT_EQ(promotions.size(), 8u);
  EXPECT_EQ(promotions[0].trial, 2u);
  EXPECT_EQ(promotions[1].trial, 5u);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(promotions[i].copy_from == 3 || promotions[i].copy_from == 6);
  }
  const std::vector<uint32_t> others = {1, 3, 4, 6, 7, 8};
  for (size_t i = 2; i < 8; ++i) {
    EXPECT_EQ(promotions[i], (Promotion{others[i - 2], 4, 0}));
  }
}

TEST(PbtSchedulerTest, ABetterValueIsASmallerOneWhereTheObjectiveIsMinimized) {
  v1::JobSpec spec = PbtSpec(2, 2);
  spec.mutable_objective()->set_direction(v1::Objective::MINIMIZE);
  TrialLog log(spec);
  log.CreatePaused(0.1);
  log.CreatePaused(0.9);
  EXPECT_EQ(Promotions(log)[0], (Promotion{2, 4, 1}));
}

TEST(PbtSchedulerTest, EqualValuesGoByNumberAndAbsentOnesAreWorst) {
  TrialLog log(PbtSpec(4, 4));
  log.CreatePaused(std::nullopt);
  log.CreatePaused(0.5);
  log.CreatePaused(0.5);
  log.CreatePaused(0.5);
  EXPECT_EQ(Promotions(log)[0], (Promotion{1, 4, 2}));
  TrialLog nothing(PbtSpec(2, 2));
  nothing.CreatePaused(std::nullopt);
  nothing.CreatePaused(std::nullopt);
  EXPECT_EQ(Promotions(nothing)[0], (Promotion{1, 4, 0})) << "nobody is better";
}

TEST(PbtSchedulerTest, WhoEndedIsNotWaitedForAndNotCopied) {
  TrialLog log(PbtSpec(4, 4));
  log.CreatePaused(0.9);
  log.CreatePaused(0.8);
  log.CreatePaused(0.7);
  const uint32_t dead = log.Create();
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), std::nullopt);
  log.End(dead);
  EXPECT_EQ(Promotions(log)[0], (Promotion{3, 4, 1}));
  // One that came to the end of the generation and ended there has no checkpoint to copy.
  log.Judge(1, 0.99);
  log.End(1);
  log.Judge(2, 0.5);
  log.Pause(2);
  log.Judge(3, 0.6);
  log.Pause(3);
  EXPECT_EQ(Promotions(log)[0], (Promotion{2, 6, 3}));
}

TEST(PbtSchedulerTest, PopulationsDoNotWaitForEachOther) {
  TrialLog log(PbtSpec(4, 2));
  log.CreatePaused(0.5);
  log.CreatePaused(0.6);
  log.CreatePaused(0.1);
  EXPECT_EQ(Promotions(log).size(), 2u);
  log.CreatePaused(0.2);
  EXPECT_EQ(Promotions(log)[0], (Promotion{3, 4, 4}));
}

TEST(PbtSchedulerTest, AnUnfinishedPopulationGoesOnWhenNoMoreTrialsCanCome) {
  TrialLog log(PbtSpec(4, 4));
  log.CreatePaused(0.5);
  log.CreatePaused(0.6);
  EXPECT_TRUE(Promotions(log).empty());
  Outlook outlook = Plenty();
  outlook.may_create = false;
  EXPECT_EQ(Promotions(log, outlook).size(), 2u);
}

TEST(PbtSchedulerTest, WhoHasGoneOnIsNotCopiedByThoseWhoCameLater) {
  TrialLog log(PbtSpec(4, 4, 6, 0.5));
  log.CreatePaused(0.5);
  log.CreatePaused(0.6);
  Outlook sealed = Plenty();
  sealed.may_create = false;
  EXPECT_EQ(Promotions(log, sealed).size(), 2u);
  log.CreatePaused(0.1);
  log.CreatePaused(0.2);
  EXPECT_EQ(Promotions(log), (std::vector<Promotion>{{3, 4, 0}, {4, 4, 0}}));
}

TEST(PbtSchedulerTest, NobodyGoesOnWithoutEpochs) {
  TrialLog log(PbtSpec(2, 2));
  log.CreatePaused(0.5);
  EXPECT_THAT(log.scheduler().WhyNotPromoted(1), HasSubstr("had not come to 2 epochs"));
  log.CreatePaused(0.6);
  EXPECT_TRUE(Promotions(log, {.epochs_left = 1}).empty());
  EXPECT_THAT(log.scheduler().WhyNotPromoted(1), HasSubstr("epochs are used up"));
  EXPECT_EQ(Promotions(log, {.epochs_left = 2}).size(), 2u);
}

TEST(PbtSchedulerTest, TheLastGenerationIsTheRest) {
  TrialLog log(PbtSpec(2, 2, 5));
  log.CreatePaused(0.5);
  log.CreatePaused(0.6);
  for (const uint32_t until : {4u, 5u}) {
    for (const Promotion& promotion : Promotions(log)) {
      EXPECT_EQ(promotion.until_epoch, until);
      log.Judge(promotion.trial, 0.7);
      if (until == 5) continue;
      log.Pause(promotion.trial);
    }
  }
  EXPECT_TRUE(Promotions(log).empty());
  EXPECT_TRUE(log.scheduler().IsJudgedAt(1, 5));
  EXPECT_EQ(log.scheduler().Rungs()[0].promoted(), 2u);
}

// Random lives: what a scheduler decides is what one decides that was told the records alone, and
// no donor goes on before its last copy.
TEST(PbtSchedulerTest, DecidesTheSameAfterARestartAtAnyTime) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Rng rng(seed);
    TrialLog log(PbtSpec(12, 2 + static_cast<int>(rng.UniformInt(5)), 7, 0.5));
    std::map<uint32_t, std::set<uint32_t>> gone;  // by level: who went on
    for (int step = 0; step < 300; ++step) {
      const std::optional<Promotion> next = log.scheduler().NextPromotion(Plenty());
      ASSERT_EQ(log.Rebuilt()->NextPromotion(Plenty()), next) << "seed " << seed;
      if (next.has_value()) {
        EXPECT_FALSE(gone[next->until_epoch].contains(next->copy_from)) << "seed " << seed;
        gone[next->until_epoch].insert(next->trial);
        log.Grant(*next);
        continue;
      }
      if (log.trials().size() < 12 && rng.UniformInt(2) == 0) {
        log.Create();
        continue;
      }
      if (log.trials().empty()) continue;
      const uint32_t number = 1 + rng.UniformInt(static_cast<uint32_t>(log.trials().size()));
      LoggedTrial& trial = log.trial(number);
      if (trial.state != LoggedTrial::State::kRunning) continue;
      if (rng.UniformInt(20) == 0) {
        log.End(number);
      } else if (!trial.has_used_grant()) {
        log.Judge(number, rng.UniformInt(8) / 8.0);
      } else if (trial.grants.back() == 7) {
        log.End(number, true);
      } else {
        log.Pause(number);
      }
    }
  }
}

}  // namespace
}  // namespace caviar::schedule
