// A SqliteStore on a disk that fails while it works: what was acknowledged stays, a commit that
// failed is there whole or not at all, and nothing goes on after a failure.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/random/rng.h"
#include "coordinator/store/artifact_store.h"
#include "coordinator/store/memory_store.h"
#include "coordinator/store/sqlite_store.h"
#include "tests/contract/fault_vfs.h"
#include "tests/contract/sample_records.h"
#include "tests/contract/scratch_directory.h"

namespace caviar::store {
namespace {

namespace fs = std::filesystem;

class SqliteFailureTest : public testing::Test {
 protected:
  // Contents of a MemoryStore that made the first 0, 1, 2 … of the same commits.
  void SetUp() override {
    Rng rng(3);
    MemoryDisk disk;
    MemoryStore oracle(disk);
    expected_.push_back(Contents(oracle));
    for (int i = 0; i < kCommits; ++i) {
      commits_.push_back(SampleWrites(rng));
      ASSERT_TRUE(oracle.Commit(commits_.back()).ok());
      expected_.push_back(Contents(oracle));
    }
  }

  std::string NextDirectory() {
    const std::string path = absl::StrCat(scratch_.path(), "/", ++directories_);
    fs::create_directory(path);
    return path;
  }

  // Commits until one fails; how many did not. Afterwards nothing works.
  int CommitAll(Store& store) {
    for (int i = 0; i < kCommits; ++i) {
      const absl::Status status = store.Commit(commits_[static_cast<size_t>(i)]);
      if (status.ok()) continue;
      failure_ = status;
      EXPECT_FALSE(store.Commit(commits_[0]).ok());
      EXPECT_FALSE(store.Commit({}).ok());
      EXPECT_FALSE(store.Load().ok());
      EXPECT_FALSE(store.ReadCurve(1, 1, 0, 1).ok());
      return i;
    }
    return kCommits;
  }

  // All of what was acknowledged, and the failing commit whole or not at all.
  void ExpectDurable(const std::string& directory, int acknowledged) {
    auto store = SqliteStore::Open(directory);
    ASSERT_TRUE(store.ok()) << store.status();
    const std::string found = Contents(**store);
    const auto count = static_cast<size_t>(acknowledged);
    EXPECT_TRUE(found == expected_[count] ||
                (acknowledged < kCommits && found == expected_[count + 1]))
        << found;
    EXPECT_TRUE((*store)->Commit(std::vector<engine::Write>{SampleJob(1, 1)}).ok());
  }

  static constexpr int kCommits = 12;
  ScratchDirectory scratch_;
  int directories_ = 0;
  std::vector<std::vector<engine::Write>> commits_;
  std::vector<std::string> expected_;
  absl::Status failure_;
};

TEST_F(SqliteFailureTest, AFailedSyncIsTheEnd) {
  bool has_failed = true;
  for (int nth = 1; has_failed; ++nth) {
    SCOPED_TRACE(absl::StrCat("sync ", nth));
    const std::string directory = NextDirectory();
    FaultVfs vfs;
    auto store = SqliteStore::Open(directory, {.vfs = vfs.name()});
    ASSERT_TRUE(store.ok()) << store.status();
    vfs.SetFaults({.failing_sync = nth});
    const int acknowledged = CommitAll(**store);
    has_failed = acknowledged < kCommits;
    if (has_failed) {
      EXPECT_TRUE(absl::IsUnavailable(failure_)) << failure_;
    }
    store->reset();
    ExpectDurable(directory, acknowledged);
    ASSERT_LE(nth, 2 * kCommits);
  }
}

TEST_F(SqliteFailureTest, AFailedSyncFollowedByPowerLossKeepsWhatWasAcknowledged) {
  Rng rng(8);
  for (int nth = 1; nth <= kCommits; ++nth) {
    SCOPED_TRACE(absl::StrCat("sync ", nth));
    const std::string directory = NextDirectory();
    FaultVfs vfs;
    auto store = SqliteStore::Open(directory, {.vfs = vfs.name()});
    ASSERT_TRUE(store.ok()) << store.status();
    vfs.SetFaults({.failing_sync = nth});
    const int acknowledged = CommitAll(**store);
    const std::string after = NextDirectory();
    vfs.SavePowerLoss(after, rng);
    fs::copy(directory + "/store.witness", after + "/store.witness");
    store->reset();
    ExpectDurable(after, acknowledged);
  }
}

TEST_F(SqliteFailureTest, AFullDiskIsTheEndAndSaysSo) {
  bool has_failed = true;
  for (int nth = 1; has_failed; ++nth) {
    SCOPED_TRACE(absl::StrCat("write ", nth));
    const std::string directory = NextDirectory();
    FaultVfs vfs;
    auto store = SqliteStore::Open(directory, {.vfs = vfs.name()});
    ASSERT_TRUE(store.ok()) << store.status();
    vfs.SetFaults({.failing_write = nth});
    const int acknowledged = CommitAll(**store);
    has_failed = acknowledged < kCommits;
    if (has_failed) {
      EXPECT_TRUE(absl::IsResourceExhausted(failure_)) << failure_;
      EXPECT_TRUE(absl::StrContains(failure_.message(), "the disk is full")) << failure_;
    }
    store->reset();
    ExpectDurable(directory, acknowledged);
    ASSERT_LE(nth, 1000);
  }
}

// Power goes between any two commits, or in the midst of one (a write fails there), with any luck
// of the sectors that were not synced.
TEST_F(SqliteFailureTest, PowerLossKeepsWhatWasAcknowledged) {
  Rng rng(9);
  for (int round = 0; round < 300 && !HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const std::string directory = NextDirectory();
    FaultVfs vfs;
    auto store = SqliteStore::Open(directory, {.vfs = vfs.name()});
    ASSERT_TRUE(store.ok()) << store.status();
    vfs.SetFaults({.failing_write = static_cast<int>(1 + rng.UniformInt(160))});
    const int acknowledged = CommitAll(**store);
    const std::string after = NextDirectory();
    vfs.SavePowerLoss(after, rng);
    fs::copy(directory + "/store.witness", after + "/store.witness");
    store->reset();
    ExpectDurable(after, acknowledged);
    fs::remove_all(directory);
    fs::remove_all(after);
  }
}

// Tests the tests above and the witness at once: on a disk that lies about its syncs, acknowledged
// commits do go, and the store refuses to start rather than going on without them.
TEST_F(SqliteFailureTest, ADiskThatLiesAboutSyncsIsFoundOut) {
  Rng rng(10);
  int refused = 0;
  for (int round = 0; round < 40; ++round) {
    const std::string directory = NextDirectory();
    FaultVfs vfs;
    auto store = SqliteStore::Open(directory, {.vfs = vfs.name()});
    ASSERT_TRUE(store.ok()) << store.status();
    vfs.SetFaults({.syncs_lie = true});
    ASSERT_EQ(CommitAll(**store), kCommits);
    const std::string after = NextDirectory();
    vfs.SavePowerLoss(after, rng);
    fs::copy(directory + "/store.witness", after + "/store.witness");
    store->reset();
    auto found = SqliteStore::Open(after);
    if (found.ok()) {
      EXPECT_EQ(Contents(**found), expected_.back());
    } else {
      EXPECT_TRUE(absl::IsDataLoss(found.status())) << found.status();
      ++refused;
    }
  }
  EXPECT_GT(refused, 20);
}

// A file system of 2 MiB, unmounted at the end.
class SmallDisk {
 public:
  explicit SmallDisk(std::string path) : path_(std::move(path)) {
    fs::create_directory(path_);
    is_mounted_ = mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=2m") == 0;
  }
  ~SmallDisk() {
    if (is_mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  bool is_mounted() const { return is_mounted_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool is_mounted_ = false;
};

TEST_F(SqliteFailureTest, ARealFullDiskLosesNothingAndFreeingSpaceHeals) {
  SmallDisk disk(scratch_.path() + "/small");
  if (!disk.is_mounted()) {
    GTEST_SKIP() << "NOT TESTED: a full disk needs a small tmpfs, and mounting needs root: "
                 << std::strerror(errno);
  }
  const std::string ballast = disk.path() + "/ballast";
  std::ofstream(ballast) << std::string(500'000, 'b');
  auto store = SqliteStore::Open(disk.path() + "/store");
  ASSERT_TRUE(store.ok()) << store.status();
  std::string acknowledged = Contents(**store);
  absl::Status status;
  uint32_t epoch = 0;
  while (status.ok()) {
    std::vector<engine::Write> writes;
    for (int row = 0; row < 100; ++row, ++epoch) {
      writes.push_back(SampleCurveRow(1, 1, epoch, epoch));
    }
    status = (*store)->Commit(writes);
    if (status.ok()) acknowledged = Contents(**store);
    ASSERT_LT(epoch, 1'000'000u);
  }
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "free some space")) << status;
  store->reset();

  ASSERT_TRUE(fs::remove(ballast));
  store = SqliteStore::Open(disk.path() + "/store");
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(Contents(**store), acknowledged);
  EXPECT_TRUE((*store)->Commit(std::vector<engine::Write>{SampleJob(1, 1)}).ok());
}

TEST_F(SqliteFailureTest, AFullDiskRefusesAnArtifactAndKeepsNoHalfOfIt) {
  SmallDisk disk(scratch_.path() + "/small");
  if (!disk.is_mounted()) {
    GTEST_SKIP() << "NOT TESTED: a full disk needs a small tmpfs, and mounting needs root: "
                 << std::strerror(errno);
  }
  auto artifacts = ArtifactStore::Open(disk.path() + "/artifacts");
  ASSERT_TRUE(artifacts.ok()) << artifacts.status();
  {
    auto writer = (*artifacts)->StartWrite();
    ASSERT_TRUE(writer.ok()) << writer.status();
    absl::Status status;
    for (int i = 0; i < 100 && status.ok(); ++i) {
      status = (*writer)->Append(std::string(100'000, 'x'));
    }
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
    EXPECT_EQ((*writer)->Finish("").status(), status);
  }
  EXPECT_TRUE(fs::is_empty(disk.path() + "/artifacts/tmp"));
}

}  // namespace
}  // namespace caviar::store
