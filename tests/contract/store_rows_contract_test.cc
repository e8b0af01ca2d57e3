// What store.h promises of curves, and of jobs that are deleted with theirs, held against every
// Store there is.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/contract/sample_records.h"
#include "tests/contract/store_harness.h"

namespace caviar::store {
namespace {

class StoreRowsContractTest : public StoreContractTest {};
using Names = std::vector<std::string>;

TEST_P(StoreRowsContractTest, DeletesAJobWithItsTrialsAndCurvesAndNoOther) {
  for (uint32_t job : {1u, 2u, 3u}) {
    Commit({SampleJob(job, 1), SampleTrial(job, 0, 1), SampleTrial(job, UINT32_MAX, 1),
            SampleCurveRow(job, 0, 1, 1), SampleCurveRow(job, UINT32_MAX, 1, 1)});
  }
  Commit({engine::DeleteJobRecord{2}, engine::DeleteJobRecord{8}});
  Restart();
  const engine::Snapshot snapshot = Load();
  EXPECT_EQ(snapshot.jobs.size(), 2u);
  EXPECT_EQ(snapshot.trials.size(), 4u);
  for (const v1::TrialRecord& trial : snapshot.trials) EXPECT_NE(trial.job(), 2u);
  EXPECT_TRUE(Epochs(2, 0).empty());
  EXPECT_TRUE(Epochs(2, UINT32_MAX).empty());
  EXPECT_EQ(Epochs(1, UINT32_MAX).size(), 1u);
  EXPECT_EQ(Epochs(3, 0).size(), 1u);
}

TEST_P(StoreRowsContractTest, ADeletedJobIsGoneAtOnceAndStaysGoneWhileItIsErased) {
  constexpr uint32_t kTrials = 50, kEpochs = 100;
  std::vector<engine::Write> writes = {SampleJob(2, 1), SampleJob(3, 1), SampleTrial(3, 1, 1),
                                       SampleCurveRow(3, 1, 1, 1)};
  for (uint32_t trial = 1; trial <= kTrials; ++trial) {
    writes.push_back(SampleTrial(2, trial, 1));
    for (uint32_t epoch = 1; epoch <= kEpochs; ++epoch) {
      writes.push_back(SampleCurveRow(2, trial, epoch, trial * 1000 + epoch));
    }
  }
  Commit(writes);
  Commit({engine::DeleteJobRecord{2}});
  const auto expect_gone = [this] {
    EXPECT_EQ(Load().jobs.size(), 1u);
    EXPECT_EQ(Load().trials.size(), 1u);
    EXPECT_TRUE(Epochs(2, 1).empty());
    EXPECT_TRUE(Epochs(2, kTrials).empty());
    EXPECT_TRUE(Measured(2, 0, 1000).empty());
    EXPECT_EQ(Load().engine.commit_sequence(), 2u) << "erasing is no commit";
    EXPECT_EQ(Epochs(3, 1).size(), 1u);
  };
  expect_gone();
  Restart();
  expect_gone();
  // Cut short by a crash, it goes on after the restart.
  ASSERT_TRUE(store().EraseDeleted().ok());
  expect_gone();
  Restart();
  expect_gone();
  EraseAll();
  expect_gone();
  Restart();
  expect_gone();
  EXPECT_EQ(EraseAll(), 1);
}

TEST_P(StoreRowsContractTest, TakesARecordUnderTheIdOfADeletedJob) {
  Commit({SampleJob(1, 1), SampleTrial(1, 1, 1), SampleCurveRow(1, 1, 1, 1)});
  Commit({engine::DeleteJobRecord{1}});
  Commit({SampleCurveRow(1, 2, 1, 1)});
  EXPECT_TRUE(Load().trials.empty());
  EXPECT_TRUE(Epochs(1, 1).empty());
  EXPECT_EQ(Epochs(1, 2).size(), 1u);
  EraseAll();
  Restart();
  EXPECT_EQ(Epochs(1, 2).size(), 1u);
}

TEST_P(StoreRowsContractTest, ReadsACurveByEpochAndInPieces) {
  Commit({SampleCurveRow(1, 1, 3, 12), SampleCurveRow(1, 1, 1, 10), SampleCurveRow(1, 1, 2, 11),
          SampleCurveRow(1, 2, 1, 13)});
  EXPECT_EQ(Epochs(1, 1), std::vector<uint32_t>({1, 2, 3}));
  EXPECT_EQ(Epochs(1, 1, 0, 2), std::vector<uint32_t>({1, 2}));
  EXPECT_EQ(Epochs(1, 1, 2, 2), std::vector<uint32_t>({3}));
  EXPECT_EQ(Epochs(1, 1, 3, 2), std::vector<uint32_t>());
  EXPECT_EQ(Epochs(1, 1, 0, 0), std::vector<uint32_t>());
}

TEST_P(StoreRowsContractTest, ReadsWhatWasMeasuredByItsSequence) {
  Commit({SampleCurveRow(1, 2, 1, 11), SampleCurveRow(1, 1, 1, 10), SampleCurveRow(1, 1, 2, 12),
          SampleCurveRow(2, 1, 1, 10), SampleCurveRow(0, 1, 1, 10)});
  EXPECT_EQ(Measured(1, 0, 100), Names({"1/1", "2/1", "1/2"}));
  EXPECT_EQ(Measured(1, 10, 100), Names({"2/1", "1/2"}));
  EXPECT_EQ(Measured(1, 12, 100), Names());
  // A retry writes an epoch again: it is new, and its older self is nowhere.
  Commit({SampleCurveRow(1, 1, 1, 14)});
  EXPECT_EQ(Measured(1, 0, 100), Names({"2/1", "1/2", "1/1"}));
  Restart();
  EXPECT_EQ(Measured(1, 11, 100), Names({"1/2", "1/1"}));
}

TEST_P(StoreRowsContractTest, ReadsNoMoreOfWhatWasMeasuredThanAskedButNeverPartOfASequence) {
  std::vector<engine::Write> writes;
  for (uint32_t epoch = 1; epoch <= 7; ++epoch) {
    writes.push_back(SampleCurveRow(1, 1, epoch, epoch <= 4 ? 10 : 11));
  }
  Commit(writes);
  EXPECT_EQ(Measured(1, 0, 1), Names({"1/1", "1/2", "1/3", "1/4"}));
  EXPECT_EQ(Measured(1, 0, 4), Names({"1/1", "1/2", "1/3", "1/4"}));
  EXPECT_EQ(Measured(1, 0, 5).size(), 7u);
  EXPECT_EQ(Measured(1, 10, 2), Names({"1/5", "1/6", "1/7"}));
}

TEST_P(StoreRowsContractTest, KeepsRowsOfEndlesslyManyLists) {
  std::vector<engine::Write> writes;
  for (uint32_t epoch = 1; epoch <= 3000; ++epoch) {
    v1::CurveRecord row = SampleCurveRow(1, 1, epoch, epoch);
    row.set_metrics(1, absl::StrCat("made-up-", epoch));
    writes.push_back(row);
  }
  v1::CurveRecord none;
  none.set_job(1);
  none.set_trial(1);
  none.set_epoch(3001);
  none.set_sequence(3001);
  writes.push_back(none);
  writes.push_back(SampleCurveRow(1, 1, 3002, 3002));
  Commit(writes);
  Restart();
  const auto curve = store().ReadCurve(1, 1, 0, 10'000);
  ASSERT_TRUE(curve.ok()) << curve.status();
  ASSERT_EQ(curve->size(), writes.size());
  for (size_t i = 0; i < writes.size(); ++i) {
    EXPECT_EQ(curve->at(i).SerializeAsString(),
              std::get<v1::CurveRecord>(writes[i]).SerializeAsString());
  }
}

TEST_P(StoreRowsContractTest, KeepsRowsOfDifferentMetricsApart) {
  v1::CurveRecord other = SampleCurveRow(1, 1, 2, 2);
  other.set_metrics(0, "perplexity");
  v1::CurveRecord none;
  none.set_job(1);
  none.set_trial(1);
  none.set_epoch(3);
  none.set_sequence(3);
  Commit({SampleCurveRow(1, 1, 1, 1), other, none});
  Restart();
  const auto curve = store().ReadCurve(1, 1, 0, 10);
  ASSERT_TRUE(curve.ok());
  ASSERT_EQ(curve->size(), 3u);
  EXPECT_EQ(curve->at(0).metrics(0), "train_loss");
  EXPECT_EQ(curve->at(1).SerializeAsString(), other.SerializeAsString());
  EXPECT_EQ(curve->at(2).SerializeAsString(), none.SerializeAsString());
}

TEST_P(StoreRowsContractTest, KeepsNamesAndValuesOfAllBytes) {
  v1::DatasetRecord odd = SampleDataset(std::string("a'b\0c\xC3\xA9", 7));
  odd.mutable_dataset()->set_digest(std::string(100'000, 'x'));
  v1::CurveRecord row = SampleCurveRow(1, 1, UINT32_MAX, INT64_MAX);
  row.set_values(0, -0.0);
  row.set_values(1, 5e-324);
  Commit({odd, row, SampleDataset("")});
  Restart();
  EXPECT_EQ(Load().datasets.size(), 2u);
  EXPECT_EQ(store().ReadCurve(1, 1, 0, 10)->at(0).SerializeAsString(), row.SerializeAsString());
  Commit({engine::DeleteDatasetRecord{odd.dataset().name()}});
  EXPECT_EQ(Load().datasets.size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(AllStores, StoreRowsContractTest, AllStores(), NameOfKind);

}  // namespace
}  // namespace caviar::store
