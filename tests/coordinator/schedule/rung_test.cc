#include "coordinator/schedule/rung.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "common/random/rng.h"

namespace caviar::schedule {
namespace {

using Status = Rung::Status;

TEST(RungTest, PromotesOnlyThoseWhoWaitAmongTheTop) {
  Rung rung;
  rung.Insert(1, 0.3);
  rung.Insert(2, 0.1);
  rung.Insert(3, 0.2);
  rung.SetTop(1);
  EXPECT_EQ(rung.BestOfTop(), std::nullopt);  // 2 has not paused yet
  rung.SetStatus(3, Status::kWaiting);
  EXPECT_EQ(rung.BestOfTop(), std::nullopt);
  EXPECT_EQ(rung.BestWaiting(), 3u);
  rung.SetStatus(2, Status::kWaiting);
  EXPECT_EQ(rung.BestOfTop(), 2u);
  rung.SetStatus(2, Status::kGone);
  EXPECT_EQ(rung.BestOfTop(), std::nullopt);
  rung.SetTop(2);
  EXPECT_EQ(rung.BestOfTop(), 3u);
}

TEST(RungTest, OrdersEqualKeysByTrial) {
  Rung rung;
  for (const uint32_t trial : {9u, 4u, 7u}) {
    rung.Insert(trial, 0.5);
    rung.SetStatus(trial, Status::kWaiting);
  }
  rung.SetTop(1);
  EXPECT_EQ(rung.BestOfTop(), 4u);
}

TEST(RungTest, WhoWasPromotedNeverWaitsAgain) {
  Rung rung;
  rung.Insert(1, 0.5);
  rung.SetTop(1);
  rung.SetStatus(1, Status::kGone);
  rung.SetStatus(1, Status::kWaiting);
  EXPECT_EQ(rung.BestOfTop(), std::nullopt);
}

// All of it again by sorting, after each of many random steps.
TEST(RungTest, AgreesWithSorting) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    Rng rng(seed);
    Rung rung;
    std::map<uint32_t, std::pair<double, Status>> naive;
    size_t top = 0;
    for (int step = 0; step < 300; ++step) {
      const uint32_t trial = 1 + rng.UniformInt(120);
      if (!naive.contains(trial)) {
        const double key = rng.UniformInt(8) == 0 ? std::numeric_limits<double>::infinity()
                                                  : rng.UniformInt(20) / 20.0;
        naive[trial] = {key, Status::kArrived};
        rung.Insert(trial, key);
      } else if (naive[trial].second != Status::kGone) {
        naive[trial].second = rng.UniformInt(3) == 0 ? Status::kGone : Status::kWaiting;
        rung.SetStatus(trial, naive[trial].second);
      }
      if (rng.UniformInt(2) == 0) rung.SetTop(top = rng.UniformInt(40));

      std::vector<std::pair<double, uint32_t>> order;
      for (const auto& [number, member] : naive) order.emplace_back(member.first, number);
      std::sort(order.begin(), order.end());
      std::optional<uint32_t> best_of_top, best;
      size_t undecided = 0;
      for (size_t place = 0; place < order.size(); ++place) {
        const uint32_t number = order[place].second;
        const Status status = naive[number].second;
        ASSERT_EQ(rung.IsInTop(number), place < top);
        if (place < top && status != Status::kGone) ++undecided;
        if (status != Status::kWaiting) continue;
        if (place < top && !best_of_top.has_value()) best_of_top = number;
        if (!best.has_value()) best = number;
      }
      ASSERT_EQ(rung.BestOfTop(), best_of_top);
      ASSERT_EQ(rung.BestWaiting(), best);
      ASSERT_EQ(rung.undecided(), undecided);
      ASSERT_EQ(rung.size(), naive.size());
    }
  }
}

}  // namespace
}  // namespace caviar::schedule
