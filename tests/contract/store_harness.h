// Every Store there is, each with a way to restart: the store is dropped, what was not synced is
// lost, and it is opened anew. And what the suites that hold them to store.h ask of each.
//
// Threads: one owner.
#ifndef CAVIAR_TESTS_CONTRACT_STORE_HARNESS_H_
#define CAVIAR_TESTS_CONTRACT_STORE_HARNESS_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
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
#include "tests/contract/scratch_directory.h"

namespace caviar::store {

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

inline std::unique_ptr<SqliteStore> OpenSqlite(const std::string& directory,
                                               const std::string& vfs) {
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
  std::vector<uint32_t> Epochs(uint32_t job, uint32_t trial, uint32_t after_epoch = 0,
                               size_t rows_max = SIZE_MAX / 2) {
    const auto curve = store().ReadCurve(job, trial, after_epoch, rows_max);
    EXPECT_TRUE(curve.ok()) << curve.status();
    std::vector<uint32_t> epochs;
    for (const v1::CurveRecord& row : *curve) epochs.push_back(row.epoch());
    return epochs;
  }
  // "trial/epoch" of each row.
  std::vector<std::string> Measured(uint32_t job, uint64_t after_sequence, size_t rows_max) {
    const auto rows = store().ReadMeasured(job, after_sequence, rows_max);
    EXPECT_TRUE(rows.ok()) << rows.status();
    std::vector<std::string> names;
    for (const v1::CurveRecord& row : *rows) {
      EXPECT_EQ(row.job(), job);
      EXPECT_EQ(row.metrics_size(), row.values_size());
      names.push_back(absl::StrCat(row.trial(), "/", row.epoch()));
    }
    return names;
  }
  // Calls EraseDeleted until it says that nothing is left; returns how often.
  int EraseAll() {
    for (int calls = 1;; ++calls) {
      const absl::StatusOr<bool> has_more = store().EraseDeleted();
      EXPECT_TRUE(has_more.ok()) << has_more.status();
      if (!has_more.value_or(false)) return calls;
    }
  }

  std::unique_ptr<StoreHarness> harness_ = GetParam().make();
};

inline auto AllStores() {
  return testing::Values(
      Kind{"Memory", [] { return std::make_unique<MemoryHarness>(); }},
      Kind{"Sqlite", [] { return std::make_unique<SqliteHarness>(); }},
      Kind{"SqliteAfterPowerLoss", [] { return std::make_unique<PowerLossHarness>(); }},
      Kind{"SqliteBehindFaultyStore", [] { return std::make_unique<DecoratedHarness>(); }});
}

inline std::string NameOfKind(const testing::TestParamInfo<Kind>& info) { return info.param.name; }

}  // namespace caviar::store

#endif  // CAVIAR_TESTS_CONTRACT_STORE_HARNESS_H_
