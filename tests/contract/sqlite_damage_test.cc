// What happens to the files of a SqliteStore while nobody looks: every damage must be found, with a
// way to repair in the message and the files left alone, or change no answer at all.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/file/durable_file.h"
#include "common/log/log.h"
#include "common/random/rng.h"
#include "coordinator/store/sqlite_store.h"
#include "tests/contract/sample_records.h"
#include "tests/contract/scratch_directory.h"

namespace caviar::store {
namespace {

namespace fs = std::filesystem;

// The files of a store: bytes by name.
using Files = std::map<std::string, std::string>;

Files ReadFiles(const std::string& directory) {
  Files files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    files[entry.path().filename()] = *ReadFile(entry.path());
  }
  return files;
}

void WriteFiles(const std::string& directory, const Files& files) {
  fs::remove_all(directory);
  fs::create_directory(directory);
  for (const auto& [name, bytes] : files) {
    std::ofstream(absl::StrCat(directory, "/", name), std::ios::binary) << bytes;
  }
}

struct Tally {
  int found = 0;
  int harmless = 0;
};

class SqliteDamageTest : public testing::Test {
 protected:
  // A store with half of its commits in the file and half in the log, as a SIGKILL leaves it.
  void SetUp() override {
    ASSERT_TRUE(SetLogLevel("error").ok());
    const std::string directory = scratch_.path() + "/original";
    Rng rng(11);
    FillPages(directory);
    Commit(directory, rng, 40);
    earlier_ = ReadFiles(directory);
    auto store = SqliteStore::Open(directory);
    ASSERT_TRUE(store.ok()) << store.status();
    for (int i = 0; i < 40; ++i) ASSERT_TRUE((*store)->Commit(SampleWrites(rng)).ok());
    expected_ = Contents(**store);
    killed_ = ReadFiles(directory);
    ASSERT_GT(killed_.at("store.db-wal").size(), 100'000u);
    store->reset();
    closed_ = ReadFiles(directory);
    ASSERT_EQ(closed_.count("store.db-wal"), 0u);
  }

  // Long curves, so that most of the file matters.
  static void FillPages(const std::string& directory) {
    auto store = SqliteStore::Open(directory);
    ASSERT_TRUE(store.ok()) << store.status();
    std::vector<engine::Write> writes;
    for (uint32_t trial = 1; trial <= 5; ++trial) {
      for (uint32_t epoch = 1; epoch <= 250; ++epoch) {
        writes.push_back(SampleCurveRow(kQuietJob, trial, epoch, epoch));
      }
    }
    ASSERT_TRUE((*store)->Commit(writes).ok());
  }

  static void Commit(const std::string& directory, Rng& rng, int count) {
    auto store = SqliteStore::Open(directory);
    ASSERT_TRUE(store.ok()) << store.status();
    for (int i = 0; i < count; ++i) ASSERT_TRUE((*store)->Commit(SampleWrites(rng)).ok());
  }

  // Opens a store that is made of these files. Whatever it answers must be right.
  void Judge(const Files& files, const std::string& what) {
    SCOPED_TRACE(what);
    const std::string directory = scratch_.path() + "/damaged";
    WriteFiles(directory, files);
    auto store = SqliteStore::Open(directory);
    if (!store.ok()) {
      ExpectRefusal(store.status());
      Files after = ReadFiles(directory);
      // Reading alone makes SQLite create the log.
      if (files.count("store.db-wal") == 0 && after["store.db-wal"].empty()) {
        after.erase("store.db-wal");
      }
      EXPECT_TRUE(after == files) << "a refused store was changed";
      return;
    }
    const auto snapshot = (*store)->Load();
    if (!snapshot.ok()) return ExpectRefusal(snapshot.status());
    ASSERT_EQ(Contents(**store), expected_) << "a wrong answer";
    ++tally_.harmless;
    // It must also be sound enough to go on with.
    ASSERT_TRUE((*store)->Commit(std::vector<engine::Write>{SampleJob(1, 99)}).ok());
    const std::string before = Contents(**store);
    store->reset();
    store = SqliteStore::Open(directory);
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_EQ(Contents(**store), before);
  }

  void ExpectRefusal(const absl::Status& status) {
    ++tally_.found;
    // A flipped bit in the header's version or application id makes it look like somebody else's.
    if (absl::IsFailedPrecondition(status)) {
      EXPECT_TRUE(absl::StrContains(status.message(), "left untouched")) << status;
      return;
    }
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "To repair")) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "/store.")) << status;
  }

  // Damages the named file `count` times, each time anew.
  void Torture(const Files& sound, const std::string& name, int count,
               const std::function<void(Rng& rng, std::string& bytes)>& damage) {
    for (int seed = 0; seed < count && !HasFailure(); ++seed) {
      Rng rng(static_cast<uint64_t>(seed));
      Files files = sound;
      damage(rng, files.at(name));
      Judge(files, absl::StrCat(name, " seed ", seed));
    }
    RecordProperty(absl::StrCat("found in ", name), tally_.found);
    std::cout << count << " x " << name << ": " << tally_.found << " found, " << tally_.harmless
              << " harmless, 0 wrong answers\n";
  }

  static void FlipBit(Rng& rng, std::string& bytes) {
    bytes[rng.UniformInt(static_cast<uint32_t>(bytes.size()))] ^=
        static_cast<char>(1 << rng.UniformInt(8));
  }
  static void ZeroSomePage(Rng& rng, std::string& bytes) {
    const size_t page = rng.UniformInt(static_cast<uint32_t>(bytes.size() / 4096));
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(page * 4096), 4096, '\0');
  }
  static void Truncate(Rng& rng, std::string& bytes) {
    bytes.resize(rng.UniformInt(static_cast<uint32_t>(bytes.size())));
  }

  ScratchDirectory scratch_;
  Files earlier_, killed_, closed_;
  std::string expected_;
  Tally tally_;
};

TEST_F(SqliteDamageTest, NoDamageIsNone) {
  Judge(killed_, "killed");
  Judge(closed_, "closed");
  EXPECT_EQ(tally_.harmless, 2);
}

TEST_F(SqliteDamageTest, FindsFlippedBitsInTheFile) {
  Torture(closed_, "store.db", 400, FlipBit);
  EXPECT_GT(tally_.found, 200);
}

TEST_F(SqliteDamageTest, FindsFlippedBitsInTheFileUnderALog) {
  Torture(killed_, "store.db", 200, FlipBit);
}

TEST_F(SqliteDamageTest, FindsFlippedBitsInTheLog) {
  Torture(killed_, "store.db-wal", 300, FlipBit);
  EXPECT_GT(tally_.found, 250);
}

TEST_F(SqliteDamageTest, FindsFlippedBitsInTheWitnessOrNeedsItNot) {
  Torture(killed_, "store.witness", 100, FlipBit);
  // Each in turn of the bytes that matter.
  for (size_t byte = 0; byte < 28; ++byte) {
    Files files = killed_;
    files["store.witness"][byte] ^= 0x10;
    Judge(files, absl::StrCat("witness byte ", byte));
  }
}

TEST_F(SqliteDamageTest, FindsZeroedPages) {
  Torture(closed_, "store.db", 60, ZeroSomePage);
  EXPECT_GT(tally_.found, 50);
}

TEST_F(SqliteDamageTest, FindsATruncatedFile) { Torture(closed_, "store.db", 100, Truncate); }

TEST_F(SqliteDamageTest, FindsATruncatedFileUnderALog) {
  Torture(killed_, "store.db", 60, Truncate);
}

TEST_F(SqliteDamageTest, FindsATruncatedLog) { Torture(killed_, "store.db-wal", 100, Truncate); }

TEST_F(SqliteDamageTest, FindsATruncatedWitness) {
  Torture(killed_, "store.witness", 30, Truncate);
}

TEST_F(SqliteDamageTest, FindsARemovedLog) {
  Files files = killed_;
  files.erase("store.db-wal");
  Judge(files, "no log");
  EXPECT_EQ(tally_.found, 1);
}

TEST_F(SqliteDamageTest, FindsARemovedFile) {
  Files files = closed_;
  files.erase("store.db");
  Judge(files, "no file");
  EXPECT_EQ(tally_.found, 1);
}

TEST_F(SqliteDamageTest, FindsAnEarlierCopyOfTheFile) {
  Files files = closed_;
  files["store.db"] = earlier_["store.db"];
  Judge(files, "old file");
  files["store.db-wal"] = killed_["store.db-wal"];
  Judge(files, "old file under the log");
  EXPECT_GE(tally_.found, 1);
}

// The log's first frames are whole: SQLite shows a database of an earlier moment.
TEST_F(SqliteDamageTest, FindsALogCutAtEveryFrame) {
  constexpr size_t kHeaderBytes = 32;
  constexpr size_t kFrameBytes = 24 + 4096;
  const std::string& log = killed_["store.db-wal"];
  for (size_t end = kHeaderBytes; end < log.size(); end += kFrameBytes) {
    Files files = killed_;
    files["store.db-wal"].resize(end);
    Judge(files, absl::StrCat("log of ", end));
  }
  EXPECT_GT(tally_.found, 20);
}

// A page from another moment is sound by itself; only the tally knows better.
TEST_F(SqliteDamageTest, FindsPagesOfAnEarlierMoment) {
  const std::string& before = earlier_["store.db"];
  const std::string& now = closed_["store.db"];
  for (size_t page = 0; page < std::min(before.size(), now.size()); page += 4096) {
    Files files = closed_;
    files["store.db"].replace(page, 4096, before, page, 4096);
    Judge(files, absl::StrCat("page at ", page));
  }
  EXPECT_GT(tally_.found, 2);
}

TEST_F(SqliteDamageTest, RefusesGarbage) {
  Rng rng(5);
  for (const size_t size : {1u, 100u, 511u, 4096u, 100'000u}) {
    Files files = closed_;
    std::string garbage(size, '\0');
    for (char& c : garbage) c = static_cast<char>(rng.UniformInt(256));
    files["store.db"] = garbage;
    Judge(files, absl::StrCat("garbage of ", size));
    files.erase("store.witness");
    Judge(files, absl::StrCat("garbage alone of ", size));
  }
  EXPECT_EQ(tally_.harmless, 0);
}

TEST_F(SqliteDamageTest, RefusesTheWitnessOfAnotherStore) {
  const std::string other = scratch_.path() + "/other";
  Rng rng(12);
  Commit(other, rng, 3);
  Files files = closed_;
  files["store.witness"] = ReadFiles(other)["store.witness"];
  Judge(files, "other witness");
  EXPECT_EQ(tally_.found, 1);
}

// The message of a store that is behind names this as the way to go on without the lost commits.
TEST_F(SqliteDamageTest, GoesOnWithAnOldCopyOnceItsWitnessIsRemoved) {
  Files files = earlier_;
  files["store.witness"] = closed_["store.witness"];
  Judge(files, "behind");
  EXPECT_EQ(tally_.found, 1);
  const std::string directory = scratch_.path() + "/damaged";
  fs::remove(directory + "/store.witness");
  auto store = SqliteStore::Open(directory);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->Load()->engine.commit_sequence(), 41u);
  EXPECT_TRUE((*store)->Commit(std::vector<engine::Write>{SampleJob(1, 99)}).ok());
}

}  // namespace
}  // namespace caviar::store
