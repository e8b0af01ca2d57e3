// What store.h promises, held against every Store there is. Each comes with a way to restart: the
// store is dropped, what was not synced is lost, and it is opened anew.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/random/rng.h"
#include "coordinator/store/faulty_store.h"
#include "coordinator/store/memory_store.h"
#include "coordinator/store/sqlite_store.h"
#include "tests/contract/fault_vfs.h"
#include "tests/contract/sample_records.h"
#include "tests/contract/scratch_directory.h"

namespace caviar::store {
namespace {

class StoreHarness {
 public:
  virtual ~StoreHarness() = default;
  virtual Store& store() = 0;
  virtual void Restart() = 0;
};

class MemoryHarness : public StoreHarness {
 public:
  Store& store() override { return *store_; }
  void Restart() override { store_ = std::make_unique<MemoryStore>(disk_); }

 private:
  MemoryDisk disk_;
  std::unique_ptr<MemoryStore> store_ = std::make_unique<MemoryStore>(disk_);
};

std::unique_ptr<SqliteStore> OpenSqlite(const std::string& directory, const std::string& vfs) {
  auto opened = SqliteStore::Open(directory, {.vfs = vfs});
  CAVIAR_CHECK_OK(opened.status());
  return *std::move(opened);
}

// Closes and opens as a clean shutdown does.
class SqliteHarness : public StoreHarness {
 public:
  Store& store() override { return *store_; }
  void Restart() override {
    store_.reset();
    store_ = OpenSqlite(directory_.path(), "");
  }

 private:
  ScratchDirectory directory_;
  std::unique_ptr<SqliteStore> store_ = OpenSqlite(directory_.path(), "");
};

// Restarts on what a power loss leaves.
class PowerLossHarness : public StoreHarness {
 public:
  PowerLossHarness() { Open(); }
  Store& store() override { return *store_; }
  void Restart() override {
    const std::string next = NextDirectory();
    vfs_->SavePowerLoss(next, rng_);
    std::filesystem::copy(absl::StrCat(directory_, "/store.witness"),
                          absl::StrCat(next, "/store.witness"));
    store_.reset();
    directory_ = next;
    Open();
  }

 private:
  std::string NextDirectory() {
    const std::string path = absl::StrCat(scratch_.path(), "/", ++restarts_);
    std::filesystem::create_directory(path);
    return path;
  }
  void Open() {
    vfs_ = std::make_unique<FaultVfs>();
    store_ = OpenSqlite(directory_, vfs_->name());
  }

  ScratchDirectory scratch_;
  Rng rng_{20};
  int restarts_ = 0;
  std::string directory_ = NextDirectory();
  std::unique_ptr<FaultVfs> vfs_;
  std::unique_ptr<SqliteStore> store_;
};

// Behind a FaultyStore that does not fail: it must be invisible.
class DecoratedHarness : public StoreHarness {
 public:
  Store& store() override { return *faulty_; }
  void Restart() override {
    faulty_->PowerLoss();
    real_.Restart();
    faulty_ = std::make_unique<FaultyStore>(real_.store(), FaultPlan{});
  }

 private:
  PowerLossHarness real_;
  std::unique_ptr<FaultyStore> faulty_ = std::make_unique<FaultyStore>(real_.store(), FaultPlan{});
};

struct Kind {
  std::string name;
  std::function<std::unique_ptr<StoreHarness>()> make;
};

class StoreContractTest : public testing::TestWithParam<Kind> {
 protected:
  Store& store() { return harness_->store(); }
  void Restart() { harness_->Restart(); }
  void Commit(std::vector<engine::Write> writes) {
    const absl::Status status = store().Commit(writes);
    ASSERT_TRUE(status.ok()) << status;
  }
  engine::Snapshot Load() {
    auto snapshot = store().Load();
    EXPECT_TRUE(snapshot.ok()) << snapshot.status();
    return snapshot.ok() ? *snapshot : engine::Snapshot{};
  }
  std::vector<uint32_t> Epochs(uint32_t job, uint32_t trial, uint64_t after_sequence) {
    const auto curve = store().ReadCurve(job, trial, after_sequence);
    EXPECT_TRUE(curve.ok()) << curve.status();
    std::vector<uint32_t> epochs;
    for (const v1::CurveRecord& row : *curve) epochs.push_back(row.epoch());
    return epochs;
  }

  std::unique_ptr<StoreHarness> harness_ = GetParam().make();
};

TEST_P(StoreContractTest, IsEmptyWhenNew) {
  const engine::Snapshot snapshot = Load();
  EXPECT_EQ(snapshot.engine.commit_sequence(), 0u);
  EXPECT_TRUE(snapshot.jobs.empty());
  EXPECT_TRUE(snapshot.trials.empty());
  EXPECT_TRUE(snapshot.datasets.empty());
  EXPECT_TRUE(Epochs(1, 1, 0).empty());
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
  const auto curve = store().ReadCurve(1, 2, 0);
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
  EXPECT_EQ(Epochs(1, 1, 0), std::vector<uint32_t>({1}));
}

TEST_P(StoreContractTest, DeletesAJobWithItsTrialsAndCurvesAndNoOther) {
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
  EXPECT_TRUE(Epochs(2, 0, 0).empty());
  EXPECT_TRUE(Epochs(2, UINT32_MAX, 0).empty());
  EXPECT_EQ(Epochs(1, UINT32_MAX, 0).size(), 1u);
  EXPECT_EQ(Epochs(3, 0, 0).size(), 1u);
}

TEST_P(StoreContractTest, DeletesADataset) {
  Commit({SampleDataset("a"), SampleDataset("b")});
  Commit({engine::DeleteDatasetRecord{"a"}, engine::DeleteDatasetRecord{"none"}});
  Restart();
  ASSERT_EQ(Load().datasets.size(), 1u);
  EXPECT_EQ(Load().datasets[0].dataset().name(), "b");
}

TEST_P(StoreContractTest, ReadsACurveByEpochAndAfterASequence) {
  Commit({SampleCurveRow(1, 1, 3, 12), SampleCurveRow(1, 1, 1, 10), SampleCurveRow(1, 1, 2, 11),
          SampleCurveRow(1, 2, 1, 13)});
  EXPECT_EQ(Epochs(1, 1, 0), std::vector<uint32_t>({1, 2, 3}));
  EXPECT_EQ(Epochs(1, 1, 10), std::vector<uint32_t>({2, 3}));
  EXPECT_EQ(Epochs(1, 1, 12), std::vector<uint32_t>());
  // A retry writes epoch 2 again.
  Commit({SampleCurveRow(1, 1, 2, 14)});
  EXPECT_EQ(Epochs(1, 1, 12), std::vector<uint32_t>({2}));
  EXPECT_EQ(Epochs(1, 1, 0), std::vector<uint32_t>({1, 2, 3}));
}

TEST_P(StoreContractTest, KeepsRowsOfDifferentMetricsApart) {
  v1::CurveRecord other = SampleCurveRow(1, 1, 2, 2);
  other.set_metrics(0, "perplexity");
  v1::CurveRecord none;
  none.set_job(1);
  none.set_trial(1);
  none.set_epoch(3);
  none.set_sequence(3);
  Commit({SampleCurveRow(1, 1, 1, 1), other, none});
  Restart();
  const auto curve = store().ReadCurve(1, 1, 0);
  ASSERT_TRUE(curve.ok());
  ASSERT_EQ(curve->size(), 3u);
  EXPECT_EQ(curve->at(0).metrics(0), "train_loss");
  EXPECT_EQ(curve->at(1).SerializeAsString(), other.SerializeAsString());
  EXPECT_EQ(curve->at(2).SerializeAsString(), none.SerializeAsString());
}

TEST_P(StoreContractTest, KeepsNamesAndValuesOfAllBytes) {
  v1::DatasetRecord odd = SampleDataset(std::string("a'b\0c\xC3\xA9", 7));
  odd.mutable_dataset()->set_digest(std::string(100'000, 'x'));
  v1::CurveRecord row = SampleCurveRow(1, 1, UINT32_MAX, UINT64_MAX);
  row.set_values(0, -0.0);
  row.set_values(1, 5e-324);
  Commit({odd, row, SampleDataset("")});
  Restart();
  EXPECT_EQ(Load().datasets.size(), 2u);
  EXPECT_EQ(store().ReadCurve(1, 1, 0)->at(0).SerializeAsString(), row.SerializeAsString());
  Commit({engine::DeleteDatasetRecord{odd.dataset().name()}});
  EXPECT_EQ(Load().datasets.size(), 1u);
}

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
    if (rng.UniformInt(5) == 0) {
      ASSERT_EQ(Contents(store()), Contents(oracle)) << round;
    }
  }
  Restart();
  EXPECT_EQ(Contents(store()), Contents(oracle));
}

INSTANTIATE_TEST_SUITE_P(
    AllStores, StoreContractTest,
    testing::Values(
        Kind{"Memory", [] { return std::make_unique<MemoryHarness>(); }},
        Kind{"Sqlite", [] { return std::make_unique<SqliteHarness>(); }},
        Kind{"SqliteAfterPowerLoss", [] { return std::make_unique<PowerLossHarness>(); }},
        Kind{"SqliteBehindFaultyStore", [] { return std::make_unique<DecoratedHarness>(); }}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace caviar::store
