#include "coordinator/store/sqlite_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/file/durable_file.h"
#include "coordinator/store/sqlite_database.h"
#include "coordinator/store/sqlite_schema.h"
#include "coordinator/store/sqlite_tables.h"
#include "tests/contract/sample_records.h"
#include "tests/contract/scratch_directory.h"

namespace caviar::store {
namespace {

namespace fs = std::filesystem;

class SqliteStoreTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteStore> Open() {
    auto store = SqliteStore::Open(directory_.path());
    CAVIAR_CHECK_OK(store.status());
    return *std::move(store);
  }
  void CommitSomething(Store& store) {
    ASSERT_TRUE(store
                    .Commit(std::vector<engine::Write>{SampleJob(1, 1), SampleTrial(1, 1, 1),
                                                       SampleCurveRow(1, 1, 1, 1)})
                    .ok());
  }
  // Runs SQL on a closed store, behind our back.
  void Meddle(const std::string& sql) {
    auto database = SqliteDatabase::Open(path_, "");
    CAVIAR_CHECK_OK(database.status());
    CAVIAR_CHECK_OK(database->SetCheckpointOnClose(true));
    CAVIAR_CHECK_OK(database->Execute(sql));
  }
  int64_t Query(const std::string& sql) {
    auto database = SqliteDatabase::Open(path_, "");
    CAVIAR_CHECK_OK(database.status());
    return database->QueryInt(sql).value();
  }
  absl::Status Reopen() { return SqliteStore::Open(directory_.path()).status(); }

  ScratchDirectory directory_;
  std::string path_ = directory_.path() + "/store.db";
};

TEST_F(SqliteStoreTest, KeepsItsFilesFromOtherUsers) {
  auto store = Open();
  CommitSomething(*store);
  int files = 0;
  for (const auto& entry : fs::directory_iterator(directory_.path())) {
    struct stat status {};
    ASSERT_EQ(stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 3);  // file, log, witness
}

TEST_F(SqliteStoreTest, IsHeldByOneAtATime) {
  auto store = Open();
  const absl::Status second = Reopen();
  EXPECT_TRUE(absl::IsFailedPrecondition(second)) << second;
  EXPECT_TRUE(absl::StrContains(second.message(), "another process has it open")) << second;
  CommitSomething(*store);
  store.reset();
  EXPECT_TRUE(Reopen().ok());
}

TEST_F(SqliteStoreTest, LeavesANewerStoreUntouched) {
  CommitSomething(*Open());
  Meddle(absl::StrCat("PRAGMA user_version = ", StoreMigrations().size() + 1));
  const std::string before = *ReadFile(path_);
  const absl::Status status = Reopen();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "newer")) << status;
  EXPECT_EQ(*ReadFile(path_), before);
}

TEST_F(SqliteStoreTest, LeavesADatabaseOfOthersUntouched) {
  CommitSomething(*Open());
  Meddle("PRAGMA application_id = 7");
  const std::string before = *ReadFile(path_);
  EXPECT_TRUE(absl::IsFailedPrecondition(Reopen()));
  EXPECT_EQ(*ReadFile(path_), before);
}

// What SQLite cannot know to be wrong: sound rows that are not what was committed.
TEST_F(SqliteStoreTest, NoticesRowsChangedBehindItsBack) {
  for (const char* sql :
       {"DELETE FROM curves", "DELETE FROM trials", "DELETE FROM jobs",
        "UPDATE curves SET epoch = 2", "UPDATE curves SET sequence = 7",
        "INSERT INTO deleted_jobs VALUES (1, x'', 0)", "UPDATE trials SET key = key + 1",
        "UPDATE jobs SET record = x'0801'", "UPDATE trials SET crc = crc + 1",
        "INSERT INTO jobs SELECT key + 1, record, crc FROM jobs",
        "INSERT INTO datasets VALUES ('x', x'', 0)", "UPDATE head SET commit_sequence = 9",
        "DELETE FROM head", "DELETE FROM metric_names", "UPDATE metric_names SET key = 5",
        "DROP TABLE datasets", "CREATE INDEX i ON jobs (crc)"}) {
    SCOPED_TRACE(sql);
    fs::remove_all(directory_.path());
    CommitSomething(*Open());
    Meddle(absl::StrCat("PRAGMA foreign_keys = OFF; ", sql));
    auto store = SqliteStore::Open(directory_.path());
    const absl::Status status = store.ok() ? (*store)->Load().status() : store.status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "To repair")) << status;
  }
}

TEST_F(SqliteStoreTest, SaysWhichRowOfACurveIsDamaged) {
  auto store = Open();
  CommitSomething(*store);
  store.reset();
  Meddle("UPDATE curves SET record = x'00'");
  EXPECT_TRUE(absl::StrContains(Reopen().message(), "epoch 1 of trial 1 of job 1"));
}

// However large a job is, neither its deletion nor a piece of its erasure takes long.
TEST_F(SqliteStoreTest, ErasesADeletedJobInBoundedPiecesOverRestarts) {
  constexpr uint32_t kRows = 3 * SqliteTables::kErasedAtOnce / 2;
  std::vector<engine::Write> writes = {SampleJob(1, 1)};
  for (uint32_t epoch = 1; epoch <= kRows; ++epoch) {
    writes.push_back(SampleCurveRow(1, 1, epoch, epoch));
  }
  for (uint32_t trial = 1; trial <= kRows; ++trial) writes.push_back(SampleTrial(1, trial, 1));
  ASSERT_TRUE(Open()->Commit(writes).ok());
  ASSERT_TRUE(Open()->Commit(std::vector<engine::Write>{engine::DeleteJobRecord{1}}).ok());

  constexpr char kLeft[] = "SELECT (SELECT count(*) FROM curves) + (SELECT count(*) FROM trials)";
  int64_t before = Query(kLeft);
  EXPECT_EQ(before, 2 * kRows) << "the deletion itself erases nothing of this";
  for (bool has_more = true; has_more;) {
    has_more = Open()->EraseDeleted().value();
    const int64_t left = Query(kLeft);
    EXPECT_LE(before - left, static_cast<int64_t>(SqliteTables::kErasedAtOnce));
    EXPECT_EQ(has_more, Query("SELECT count(*) FROM deleted_jobs") == 1);
    before = left;
  }
  EXPECT_EQ(before, 0);
}

TEST_F(SqliteStoreTest, KeepsABoundedNumberOfListsOfNames) {
  auto store = Open();
  std::vector<engine::Write> writes;
  for (uint32_t epoch = 1; epoch <= 2 * CurveTable::kNameListsMax; ++epoch) {
    v1::CurveRecord row = SampleCurveRow(1, 1, epoch, epoch);
    row.set_metrics(0, absl::StrCat("made-up-", epoch));
    writes.push_back(row);
  }
  ASSERT_TRUE(store->Commit(writes).ok());
  store.reset();
  EXPECT_EQ(Query("SELECT count(*) FROM metric_names"),
            static_cast<int64_t>(CurveTable::kNameListsMax));
}

// Watchers ask each fraction of a second: neither a long curve nor many trials may cost them.
TEST_F(SqliteStoreTest, FindsWhatWasMeasuredByAnIndex) {
  Open();
  auto database = SqliteDatabase::Open(path_, "");
  CAVIAR_CHECK_OK(database.status());
  // Its first line is "what | order | where | detail" of the first step; there is no other.
  auto plan = database->Prepare(
      "EXPLAIN QUERY PLAN SELECT * FROM curves WHERE trial >> 32 = 1 AND sequence > 2 "
      "ORDER BY sequence, trial, epoch");
  CAVIAR_CHECK_OK(plan.status());
  ASSERT_TRUE(plan->Step().value());
  EXPECT_EQ(std::string(plan->ColumnBytes(3)),
            "SEARCH curves USING INDEX curves_by_sequence (<expr>=? AND sequence>?)");
  EXPECT_FALSE(plan->Step().value()) << plan->ColumnBytes(3);
}

// A store as the first version left it.
TEST_F(SqliteStoreTest, BringsAStoreOfVersion1Along) {
  std::string before;
  {
    auto store = Open();
    CommitSomething(*store);
    ASSERT_TRUE(store->Commit(std::vector<engine::Write>{SampleCurveRow(1, 1, 2, 9)}).ok());
    before = Contents(*store);
  }
  Meddle(
      "DROP INDEX curves_by_sequence; ALTER TABLE curves DROP COLUMN sequence; "
      "DROP TABLE deleted_jobs; PRAGMA user_version = 1");
  {
    auto database = SqliteDatabase::Open(path_, "");
    CAVIAR_CHECK_OK(database.status());
    const absl::Status is_version_1 =
        VerifySchema(*database, path_, StoreMigrations().subspan(0, 1));
    ASSERT_TRUE(is_version_1.ok()) << is_version_1;
  }
  auto store = SqliteStore::Open(directory_.path());
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(Contents(**store), before);
  EXPECT_EQ((*store)->ReadMeasured(1, 5, 10)->size(), 1u);
  EXPECT_TRUE(fs::exists(path_ + ".version-1.backup"));
  CommitSomething(**store);
}

}  // namespace
}  // namespace caviar::store
