#include "coordinator/store/sqlite_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/file/durable_file.h"
#include "coordinator/store/sqlite_database.h"
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
  Meddle("PRAGMA user_version = 2");
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
        "UPDATE curves SET epoch = 2", "UPDATE trials SET key = key + 1",
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

}  // namespace
}  // namespace caviar::store
