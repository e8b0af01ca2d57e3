#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/random/rng.h"
#include "common/status/check.h"
#include "tests/coordinator/schedule/trial_log.h"

namespace caviar::schedule {
namespace {

using ::testing::HasSubstr;
using State = LoggedTrial::State;

// Kinds: 9 trials at 1, 3, 9 epochs; 5 at 3, 9; 3 at 9.
TrialLog NineEpochs() {
  return TrialLog(SpecOf("hyperband { reduction_factor: 3 min_epochs: 1 }", 1000, 9));
}

// Runs trials by some order of workers until nothing goes on: each step a random running trial is
// judged, or a promotion or a new trial is started.
void RunAll(TrialLog& log, uint32_t trials, uint32_t epochs, Rng& rng) {
  const auto value = [](uint32_t trial, uint32_t epoch) {
    Rng noise(DeriveSeed(trial, epoch));
    return noise.UniformInt(64) / 64.0;
  };
  std::vector<uint32_t> running;
  for (;;) {
    const Outlook outlook{.epochs_left = 1'000'000, .may_create = log.trials().size() < trials};
    if (running.empty() || rng.UniformInt(3) == 0) {
      if (const auto next = log.scheduler().NextPromotion(outlook)) {
        log.Grant(*next);
        running.push_back(next->trial);
        continue;
      }
      if (outlook.may_create) {
        running.push_back(log.Create());
        continue;
      }
      if (running.empty()) return;
    }
    const size_t index = rng.UniformInt(static_cast<uint32_t>(running.size()));
    const uint32_t trial = running[index];
    log.Judge(trial, value(trial, log.trial(trial).grants.back()));
    if (const auto at_once = log.scheduler().PromotesAtOnce(trial, outlook)) {
      log.Grant(*at_once);
      continue;
    }
    running.erase(running.begin() + static_cast<int64_t>(index));
    if (log.trial(trial).grants.back() == epochs) {
      log.End(trial, true);
    } else {
      log.Pause(trial);
    }
  }
}

std::map<uint32_t, std::vector<uint32_t>> GrantsOf(const TrialLog& log) {
  std::map<uint32_t, std::vector<uint32_t>> grants;
  for (size_t i = 0; i < log.trials().size(); ++i) {
    grants[static_cast<uint32_t>(i) + 1] = log.trials()[i].grants;
  }
  return grants;
}

TEST(HyperbandSchedulerTest, WhichBracketATrialBelongsToFollowsFromItsNumber) {
  const auto scheduler = NineEpochs().Rebuilt();
  for (const uint32_t round : {0u, 17u, 34u}) {
    for (uint32_t trial = 1; trial <= 9; ++trial) {
      EXPECT_EQ(scheduler->FirstGrant(round + trial), 1u);
    }
    for (uint32_t trial = 10; trial <= 14; ++trial) {
      EXPECT_EQ(scheduler->FirstGrant(round + trial), 3u);
    }
    for (uint32_t trial = 15; trial <= 17; ++trial) {
      EXPECT_EQ(scheduler->FirstGrant(round + trial), 9u);
    }
  }
}

TEST(HyperbandSchedulerTest, PromotesNobodyBeforeTheRungIsFull) {
  TrialLog log = NineEpochs();
  for (int i = 0; i < 8; ++i) log.CreatePaused(0.1 * i);
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), std::nullopt);
  const uint32_t ninth = log.Create();
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), std::nullopt);
  log.Judge(ninth, 0.65);
  // The best three: 8, 7 and the ninth, which goes on where it is.
  EXPECT_EQ(log.scheduler().PromotesAtOnce(ninth, Plenty()), (Promotion{ninth, 3}));
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), (Promotion{8, 3}));
  log.Grant({8, 3});
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), (Promotion{7, 3}));
  log.Grant({7, 3});
  log.Pause(ninth);
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), (Promotion{ninth, 3}));
}

TEST(HyperbandSchedulerTest, ATrialThatEndedIsNotWaitedFor) {
  TrialLog log = NineEpochs();
  for (int i = 0; i < 8; ++i) log.CreatePaused(0.1 * i);
  log.End(log.Create());
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), (Promotion{8, 3}));
}

// Three of nine earn the second rung, so one of them the third. Two of the three end by themselves
// at the first, before or after it is full.
TEST(HyperbandSchedulerTest, WhoEndsAtARungTakesNobodysPlaceWhateverTheOrder) {
  for (const bool ends_late : {false, true}) {
    TrialLog log = NineEpochs();
    for (int i = 0; i < 6; ++i) log.CreatePaused(0.1 * i);
    const uint32_t seventh = log.CreatePaused(0.7);
    const uint32_t first_best = log.CreatePaused(0.9), second_best = log.CreatePaused(0.8);
    if (ends_late) {
      EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), (Promotion{first_best, 3}));
      log.Grant({first_best, 3});
    }
    log.End(first_best, true);
    log.End(second_best, true);
    ASSERT_EQ(log.scheduler().NextPromotion(Plenty()), (Promotion{seventh, 3}));
    log.Grant({seventh, 3});
    log.Judge(seventh, 0.1);
    log.Pause(seventh);
    EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), (Promotion{seventh, 9})) << ends_late;
  }
}

TEST(HyperbandSchedulerTest, ACutBracketIsFullWhenNoMoreTrialsCome) {
  TrialLog log = NineEpochs();
  for (int i = 0; i < 6; ++i) log.CreatePaused(0.1 * i);
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), std::nullopt);
  const Outlook closed{.epochs_left = 100, .may_create = false};
  EXPECT_EQ(log.scheduler().NextPromotion(closed), (Promotion{6, 3}));
  // And is not any more when the job is extended.
  EXPECT_EQ(log.scheduler().NextPromotion(Plenty()), std::nullopt);
}

TEST(HyperbandSchedulerTest, TrainsOneTrialToTheEndHoweverFewThereAre) {
  TrialLog log = NineEpochs();
  log.CreatePaused(0.5);
  log.CreatePaused(0.6);
  Outlook closed{.epochs_left = 100, .may_create = false};
  EXPECT_EQ(log.scheduler().NextPromotion(closed), std::nullopt);
  closed.is_last_chance = true;
  EXPECT_EQ(log.scheduler().NextPromotion(closed), (Promotion{2, 3}));
}

// R = 81, eta = 3: each bracket's column of Li et al. 2018's table, whatever the order of workers.
TEST(HyperbandSchedulerTest, RunsThePapersTableForAnyOrderOfWorkers) {
  std::map<uint32_t, std::vector<uint32_t>> first;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    TrialLog log(SpecOf("hyperband { reduction_factor: 3 min_epochs: 1 }", 1000, 81));
    Rng rng(seed);
    RunAll(log, 143 + 143 + 50, 81, rng);
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> came;
    for (const v1::RungProgress& rung : log.scheduler().Rungs()) {
      came[{rung.bracket(), rung.epochs()}] = rung.trials();
    }
    // Two whole rounds, and a first bracket cut to 50 trials.
    const std::map<std::pair<uint32_t, uint32_t>, uint32_t> expected = {
        {{1, 1}, 81 * 2 + 50}, {{1, 3}, 27 * 2 + 16}, {{1, 9}, 9 * 2 + 5}, {{1, 27}, 3 * 2 + 1},
        {{1, 81}, 1 * 2},      {{2, 3}, 34 * 2},      {{2, 9}, 11 * 2},    {{2, 27}, 3 * 2},
        {{2, 81}, 1 * 2},      {{3, 9}, 15 * 2},      {{3, 27}, 5 * 2},    {{3, 81}, 1 * 2},
        {{4, 27}, 8 * 2},      {{4, 81}, 2 * 2},      {{5, 81}, 5 * 2}};
    EXPECT_EQ(came, expected) << "seed " << seed;
    if (seed == 1) first = GrantsOf(log);
    EXPECT_EQ(GrantsOf(log), first) << "seed " << seed;
  }
}

// Who should go on, by sorting: a trial that waits in a full rung among the best third of those
// that had earned it.
std::vector<uint32_t> NaivePromotable(TrialLog& log, bool may_create) {
  constexpr uint32_t kRound = 17;
  const auto bracket = [](uint32_t trial) {
    const uint32_t rest = (trial - 1) % kRound;
    return (trial - 1) / kRound * 3 + (rest < 9 ? 0 : rest < 14 ? 1 : 2);
  };
  const uint32_t count = static_cast<uint32_t>(log.trials().size());
  std::vector<uint32_t> promotable;
  for (uint32_t number = 1; number <= count; ++number) {
    const LoggedTrial& trial = log.trial(number);
    if (trial.state != State::kPaused) continue;
    const uint32_t mine = bracket(number);
    if (may_create && bracket(count + 1) == mine) continue;
    bool is_full = true;
    std::vector<std::pair<double, uint32_t>> here;
    std::optional<size_t> earned;
    // Each lower rung is decided, and this one is full.
    for (const uint32_t level : {1u, 3u, 9u}) {
      if (level > trial.grants.back()) break;
      here.clear();
      size_t sent = 0;
      for (uint32_t other = 1; other <= count; ++other) {
        if (bracket(other) != mine) continue;
        const LoggedTrial& log_of = log.trial(other);
        const bool was_sent =
            std::find(log_of.grants.begin(), log_of.grants.end(), level) != log_of.grants.end();
        if (!was_sent) continue;
        ++sent;
        bool came = false;
        for (const Judged& judged : log_of.judged) {
          if (judged.epochs != level) continue;
          came = true;
          here.emplace_back(-judged.value.value_or(-1e300), other);
        }
        if (!came && log_of.state != State::kEnded) is_full = false;
      }
      if (sent == 0 && !earned.has_value()) continue;  // its bracket starts higher
      std::sort(here.begin(), here.end());
      here.resize(std::min(here.size(), earned.value_or(sent) / 3));
      earned = here.size();
      if (level == trial.grants.back()) break;
      for (const auto& [key, other] : here) {
        const LoggedTrial& log_of = log.trial(other);
        if (log_of.state != State::kEnded && log_of.grants.back() == level) is_full = false;
      }
    }
    const bool is_among = std::any_of(here.begin(), here.end(),
                                      [&](const auto& entry) { return entry.second == number; });
    if (is_full && is_among) promotable.push_back(number);
  }
  return promotable;
}

TEST(HyperbandSchedulerTest, AgreesWithSortingAllTrialsOnRandomHistories) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Rng rng(seed);
    TrialLog log = NineEpochs();
    for (int step = 0; step < 400; ++step) {
      const Outlook outlook{.epochs_left = 1000, .may_create = rng.UniformInt(8) > 0};
      const std::vector<uint32_t> promotable = NaivePromotable(log, outlook.may_create);
      const std::optional<Promotion> next = log.scheduler().NextPromotion(outlook);
      ASSERT_EQ(next.has_value(), !promotable.empty()) << "seed " << seed << " step " << step;
      if (next.has_value()) {
        ASSERT_TRUE(std::find(promotable.begin(), promotable.end(), next->trial) !=
                    promotable.end())
            << "seed " << seed << " step " << step;
      }
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
      if (trial.state == State::kEnded) continue;
      if (what == 1 && rng.UniformInt(8) == 0) {
        log.End(number);
      } else if (trial.state == State::kPaused) {
        continue;
      } else if (!trial.has_used_grant()) {
        log.Judge(number, rng.UniformInt(16) / 16.0);
      } else if (trial.grants.back() == 9) {
        log.End(number, true);
      } else {
        log.Pause(number);
      }
    }
  }
}

TEST(HyperbandSchedulerTest, SaysWhyATrialDoesNotGoOn) {
  TrialLog log = NineEpochs();
  for (int i = 0; i < 8; ++i) log.CreatePaused(0.1 * i);
  const uint32_t ninth = log.Create();
  EXPECT_THAT(log.scheduler().WhyNotPromoted(1), HasSubstr("had not come there"));
  log.Judge(ninth, 0.9);
  log.Pause(ninth);
  EXPECT_EQ(log.scheduler().WhyNotPromoted(1),
            "hyperband: not among the best 3 of 9 at 1 epoch in bracket 1");
}

}  // namespace
}  // namespace caviar::schedule
