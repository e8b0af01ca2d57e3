// What store.h promises of commits and records, held against every Store there is.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "common/random/rng.h"
#include "coordinator/store/memory_store.h"
#include "tests/contract/sample_records.h"
#include "tests/contract/store_harness.h"

namespace caviar::store {
namespace {

TEST_P(StoreContractTest, IsEmptyWhenNew) {
  const engine::Snapshot snapshot = Load();
  EXPECT_EQ(snapshot.engine.commit_sequence(), 0u);
  EXPECT_TRUE(snapshot.jobs.empty());
  EXPECT_TRUE(snapshot.trials.empty());
  EXPECT_TRUE(snapshot.datasets.empty());
  EXPECT_TRUE(Epochs(1, 1).empty());
  Restart();
  EXPECT_TRUE(Load().jobs.empty());
}

TEST_P(StoreContractTest, KeepsEveryKindOfRecordOverARestart) {
  v1::EngineRecord engine;
  engine.set_next_job_id(9);
  Commit({engine, SampleJob(1, 5), SampleTrial(1, 2, 3), SampleCurveRow(1, 2, 3, 4),
          SampleDataset("letters")});
  const std::string before = Contents(store());
  Restart();
  EXPECT_EQ(Contents(store()), before);
  const engine::Snapshot snapshot = Load();
  EXPECT_EQ(snapshot.engine.next_job_id(), 9u);
  EXPECT_EQ(snapshot.jobs.at(0).SerializeAsString(), SampleJob(1, 5).SerializeAsString());
  EXPECT_EQ(snapshot.trials.at(0).number(), 2u);
  EXPECT_EQ(snapshot.datasets.at(0).dataset().name(), "letters");
  const auto curve = store().ReadCurve(1, 2, 0, 10);
  ASSERT_TRUE(curve.ok());
  ASSERT_EQ(curve->size(), 1u);
  EXPECT_EQ(curve->at(0).SerializeAsString(), SampleCurveRow(1, 2, 3, 4).SerializeAsString());
}

TEST_P(StoreContractTest, CutsOneCurveAtAnEpoch) {
  for (uint32_t epoch = 1; epoch <= 5; ++epoch) {
    Commit({SampleCurveRow(1, 2, epoch, epoch), SampleCurveRow(1, 3, epoch, epoch)});
  }
  Commit({engine::TruncateCurve{1, 2, 3}, engine::TruncateCurve{1, 9, 3}});
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Epochs(1, 2, 0), (std::vector<uint32_t>{1, 2, 3}));
    EXPECT_EQ(Epochs(1, 3, 0).size(), 5u);
    Restart();
  }
}

TEST_P(StoreContractTest, StampsEachCommitWithTheNextSequence) {
  v1::EngineRecord engine;
  engine.set_commit_sequence(77);
  engine.set_next_job_id(2);
  Commit({engine});
  EXPECT_EQ(Load().engine.commit_sequence(), 1u);
  Commit({SampleJob(1, 1), SampleJob(2, 1)});
  EXPECT_EQ(Load().engine.commit_sequence(), 2u);
  EXPECT_EQ(Load().engine.next_job_id(), 2u);
  Restart();
  EXPECT_EQ(Load().engine.commit_sequence(), 2u);
}

TEST_P(StoreContractTest, MakesNoCommitOfNoWrites) {
  Commit({});
  EXPECT_EQ(Load().engine.commit_sequence(), 0u);
}

TEST_P(StoreContractTest, AppliesWritesInOrder) {
  Commit({SampleTrial(1, 1, 2), SampleTrial(1, 1, 4), SampleJob(1, 1), engine::DeleteJobRecord{1},
          SampleTrial(1, 1, 3)});
  const engine::Snapshot snapshot = Load();
  EXPECT_TRUE(snapshot.jobs.empty());
  ASSERT_EQ(snapshot.trials.size(), 1u);
  EXPECT_EQ(snapshot.trials[0].epochs(), 3u);
}

TEST_P(StoreContractTest, RepeatingAWriteChangesNothing) {
  const std::vector<engine::Write> writes = {SampleJob(1, 1), SampleTrial(1, 1, 1),
                                             SampleCurveRow(1, 1, 1, 1)};
  Commit(writes);
  const engine::Snapshot once = Load();
  Commit(writes);
  EXPECT_EQ(Load().jobs.size(), once.jobs.size());
  EXPECT_EQ(Load().trials.size(), once.trials.size());
  EXPECT_EQ(Epochs(1, 1), std::vector<uint32_t>({1}));
}

TEST_P(StoreContractTest, DeletesADataset) {
  Commit({SampleDataset("a"), SampleDataset("b")});
  Commit({engine::DeleteDatasetRecord{"a"}, engine::DeleteDatasetRecord{"none"}});
  Restart();
  ASSERT_EQ(Load().datasets.size(), 1u);
  EXPECT_EQ(Load().datasets[0].dataset().name(), "b");
}

// The rows of a job with very many of them, so that they do not go at once.
using Names = std::vector<std::string>;

// What protobuf writes without a word and then refuses to parse.
TEST_P(StoreContractTest, RefusesTextThatCouldNotBeReadBack) {
  v1::JobRecord job = SampleJob(1, 1);
  job.set_reason("caf\xC3");
  v1::TrialRecord trial = SampleTrial(1, 7, 1);
  (*trial.mutable_point()->mutable_fields())["\xFF"].set_number_value(1);
  v1::CurveRecord row = SampleCurveRow(1, 7, 3, 1);
  row.set_metrics(2, "loss\x80");
  v1::DatasetRecord dataset = SampleDataset("letters");
  dataset.mutable_dataset()->add_warnings("\xED\xA0\x80");
  const std::vector<std::pair<engine::Write, std::string>> cases = {
      {job, "job 1"},
      {trial, "trial 7 of job 1"},
      {row, "epoch 3 of trial 7 of job 1"},
      {dataset, "letters"}};
  Commit({SampleJob(3, 1)});
  const std::string before = Contents(store());
  for (const auto& [write, name] : cases) {
    SCOPED_TRACE(name);
    const absl::Status refused = store().Commit(std::vector<engine::Write>{SampleJob(4, 1), write});
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
    EXPECT_TRUE(absl::StrContains(refused.message(), name)) << refused;
    EXPECT_FALSE(store().Commit(std::vector<engine::Write>{SampleJob(4, 1)}).ok());
    Restart();
    EXPECT_EQ(Contents(store()), before);
  }
}

// More lists of names than any store keeps apart from its rows.
// Every store against MemoryStore as the oracle, with restarts in between.
TEST_P(StoreContractTest, AgreesWithMemoryOverRandomWritesAndRestarts) {
  Rng rng(7);
  MemoryDisk disk;
  MemoryStore oracle(disk);
  for (int round = 0; round < 60; ++round) {
    const std::vector<engine::Write> writes = SampleWrites(rng);
    Commit(writes);
    ASSERT_TRUE(oracle.Commit(writes).ok());
    if (rng.UniformInt(5) == 0) Restart();
    if (rng.UniformInt(3) == 0) {
      ASSERT_TRUE(store().EraseDeleted().ok());
    }
    if (rng.UniformInt(5) == 0) {
      ASSERT_EQ(Contents(store()), Contents(oracle)) << round;
    }
  }
  Restart();
  EXPECT_EQ(Contents(store()), Contents(oracle));
}

INSTANTIATE_TEST_SUITE_P(AllStores, StoreContractTest, AllStores(), NameOfKind);

}  // namespace
}  // namespace caviar::store
