// The engine's small parts, each against a naive model where it is clever.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "common/random/rng.h"
#include "coordinator/engine/artifact_references.h"
#include "coordinator/engine/deadline_table.h"
#include "coordinator/engine/leaderboard.h"
#include "coordinator/engine/lineage.h"
#include "coordinator/engine/worker_table.h"
#include "google/protobuf/util/message_differencer.h"

namespace caviar::engine {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DeadlineTableTest, YieldsWhatIsDueInOrderLikeASortedList) {
  DeadlineTable<uint32_t> table;
  std::map<uint32_t, absl::Time> naive;
  Rng rng(1);
  absl::Time now = absl::UnixEpoch();
  for (int i = 0; i < 5000; ++i) {
    const uint32_t key = rng.UniformInt(20);
    if (rng.UniformInt(4) == 0) {
      table.Clear(key);
      naive.erase(key);
    } else {
      naive[key] = now + absl::Seconds(rng.UniformInt(50));
      table.Set(key, naive[key]);
    }
    if (rng.UniformInt(50) == 0) {
      table.Shift(absl::Seconds(7));
      for (auto& [k, deadline] : naive) deadline += absl::Seconds(7);
    }
    now += absl::Seconds(rng.UniformInt(3));
    while (const std::optional<uint32_t> due = table.TakeDue(now)) {
      const auto first = std::min_element(naive.begin(), naive.end(), [](auto& a, auto& b) {
        return std::tie(a.second, a.first) < std::tie(b.second, b.first);
      });
      ASSERT_EQ(*due, first->first);
      ASSERT_LE(first->second, now);
      naive.erase(first);
    }
    absl::Time next = absl::InfiniteFuture();
    for (const auto& [k, deadline] : naive) next = std::min(next, deadline);
    ASSERT_EQ(table.next(), next);
  }
}

TEST(LeaderboardTest, IsTheSortedListOfWhatWasPlaced) {
  for (const auto direction : {v1::Objective::MAXIMIZE, v1::Objective::MINIMIZE}) {
    Leaderboard board(direction);
    std::map<uint32_t, double> naive;
    Rng rng(2);
    for (int i = 0; i < 3000; ++i) {
      const uint32_t trial = 1 + rng.UniformInt(30);
      std::optional<double> from, to;
      if (naive.contains(trial)) from = naive[trial];
      if (rng.UniformInt(4) > 0) to = rng.UniformInt(8) * 0.25 - 1;
      board.Move(trial, from, to);
      if (to.has_value())
        naive[trial] = *to;
      else
        naive.erase(trial);
      std::vector<uint32_t> expected;
      for (const auto& [number, value] : naive) expected.push_back(number);
      std::stable_sort(expected.begin(), expected.end(), [&](uint32_t a, uint32_t b) {
        return IsBetter(direction, naive[a], naive[b]);
      });
      std::vector<uint32_t> actual;
      for (const Leaderboard::Entry& entry : board.entries()) actual.push_back(entry.trial);
      ASSERT_EQ(actual, expected);
    }
  }
}

TEST(ArtifactReferencesTest, DropsADigestWithItsLastReference) {
  ArtifactReferences references;
  references.Add("a");
  references.Add("a");
  references.Remove("a");
  EXPECT_THAT(references.TakeDropped(), IsEmpty());
  references.Remove("a");
  EXPECT_THAT(references.TakeDropped(), ElementsAre("a"));
  EXPECT_THAT(references.TakeDropped(), IsEmpty());
}

TEST(ArtifactReferencesTest, KeepsWhatIsReferredToAgainInTheSameStep) {
  ArtifactReferences references;
  std::string field;
  references.Assign(&field, "a");
  references.Assign(&field, "");
  references.Assign(&field, "a");
  EXPECT_THAT(references.TakeDropped(), IsEmpty());
}

v1::Objective Accuracy() {
  v1::Objective objective;
  objective.set_metric("validation_accuracy");
  objective.set_direction(v1::Objective::MAXIMIZE);
  return objective;
}

void Append(Lineage& lineage, double value) {
  v1::MeasurementBatch batch;
  batch.add_metrics("validation_accuracy");
  batch.add_metrics("seconds");
  v1::MeasurementRow row;
  row.set_epoch(lineage.epochs() + 1);
  row.add_values(value);
  row.add_values(2);
  lineage.Append(batch, row, Accuracy());
}

TEST(LineageTest, KnowsHowItStoodAtEachEpochSinceItsStart) {
  Lineage lineage{v1::Progress()};
  for (const double value : {0.5, 0.4, 0.7, 0.7}) Append(lineage, value);
  EXPECT_EQ(lineage.At(0)->has_value(), false);
  EXPECT_EQ(lineage.At(2)->value(), 0.5);
  EXPECT_EQ(lineage.At(2)->best_epoch(), 1u);
  EXPECT_EQ(lineage.At(2)->seconds(), 4);
  EXPECT_EQ(lineage.At(4)->best_epoch(), 3u) << "the first of equal ones";
  EXPECT_FALSE(lineage.At(5).has_value());
}

TEST(LineageTest, DoesNotInventWhatItForgot) {
  Lineage lineage{v1::Progress()};
  for (const double value : {0.5, 0.4, 0.7, 0.6}) Append(lineage, value);
  lineage.ForgetBefore(4);
  // At epoch 3 the best one was known already; at epoch 2 another one was best.
  ASSERT_TRUE(lineage.At(3).has_value());
  EXPECT_EQ(lineage.At(3)->value(), 0.7);
  EXPECT_FALSE(lineage.At(2).has_value());
}

TEST(LineageTest, ContinuesWhereItStarted) {
  Lineage first{v1::Progress()};
  for (const double value : {0.5, 0.9, 0.7}) Append(first, value);
  Lineage second(*first.At(2));
  Append(second, 0.7);
  EXPECT_TRUE(MessageDifferencer::Equals(second.Now(), first.Now()));
}

TEST(WorkerTableTest, AWorkerKeptFreeTakesNothingElse) {
  WorkerTable table;
  for (const char* id : {"a", "b"}) {
    Worker& worker = table.Insert(id);
    worker.slots = 2;
    table.Connect(worker, SessionId{static_cast<uint64_t>(id[0])});
  }
  Worker& a = *table.Find("a");
  a.running.insert({1, 1, 1});
  table.Update(a);
  EXPECT_EQ(table.MostFree()->id, "b");
  table.HoldExactly(1);
  EXPECT_EQ(table.MostFree()->id, "a") << "b is kept free";
  EXPECT_EQ(table.FindIdle()->id, "b");
  table.Disconnect(*table.Find("b"));
  EXPECT_EQ(table.FindIdle(), nullptr);
  table.HoldExactly(0);
  EXPECT_EQ(table.MostFree()->id, "a");
}

}  // namespace
}  // namespace caviar::engine
