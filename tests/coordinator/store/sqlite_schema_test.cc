#include "coordinator/store/sqlite_schema.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "tests/contract/scratch_directory.h"

namespace caviar::store {
namespace {

class SqliteSchemaTest : public testing::Test {
 protected:
  SqliteDatabase Open(const std::string& path) {
    std::ofstream(path, std::ios::app).flush();
    auto database = SqliteDatabase::Open(path, "");
    CAVIAR_CHECK_OK(database.status());
    return *std::move(database);
  }
  void Migrate(SqliteDatabase& database, int version, const std::vector<std::string>& migrations) {
    ASSERT_TRUE(database.Execute("BEGIN").ok());
    const absl::Status status = MigrateSchema(database, version, migrations);
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_TRUE(database.Execute("COMMIT").ok());
  }

  ScratchDirectory directory_;
  std::string path_ = directory_.path() + "/store.db";
  const std::vector<std::string> one_ = {"CREATE TABLE a (x INTEGER)"};
  const std::vector<std::string> two_ = {one_[0], "ALTER TABLE a ADD COLUMN y INTEGER"};
};

TEST_F(SqliteSchemaTest, TakesAnOldDatabaseToTheNewestVersionAndKeepsItsRows) {
  SqliteDatabase database = Open(path_);
  EXPECT_EQ(*SchemaVersion(database, path_, one_), 0);
  Migrate(database, 0, one_);
  EXPECT_EQ(*SchemaVersion(database, path_, two_), 1);
  ASSERT_TRUE(database.Execute("INSERT INTO a VALUES (42)").ok());
  EXPECT_TRUE(absl::IsDataLoss(VerifySchema(database, path_, two_)));
  Migrate(database, 1, two_);
  EXPECT_EQ(*SchemaVersion(database, path_, two_), 2);
  EXPECT_TRUE(VerifySchema(database, path_, two_).ok());
  EXPECT_EQ(*database.QueryInt("SELECT x FROM a"), 42);
}

TEST_F(SqliteSchemaTest, BacksUpBeforeAMigrationOverALeftoverOfABrokenOne) {
  SqliteDatabase database = Open(path_);
  Migrate(database, 0, one_);
  ASSERT_TRUE(database.Execute("INSERT INTO a VALUES (42)").ok());
  const std::string backup = path_ + ".version-1.backup";
  std::ofstream(backup + ".tmp") << "half a backup";
  const absl::Status status = BackUpBeforeMigration(database, path_, 1);
  ASSERT_TRUE(status.ok()) << status;
  Migrate(database, 1, two_);

  EXPECT_FALSE(std::filesystem::exists(backup + ".tmp"));
  struct stat file {};
  ASSERT_EQ(stat(backup.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  SqliteDatabase copy = Open(backup);
  EXPECT_EQ(*SchemaVersion(copy, backup, one_), 1);
  EXPECT_TRUE(VerifySchema(copy, backup, one_).ok());
  EXPECT_EQ(*copy.QueryInt("SELECT x FROM a"), 42);
}

TEST_F(SqliteSchemaTest, RefusesANewerVersion) {
  SqliteDatabase database = Open(path_);
  Migrate(database, 0, two_);
  const absl::Status status = SchemaVersion(database, path_, one_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "newer Caviar (store version 2")) << status;
}

TEST_F(SqliteSchemaTest, RefusesSomebodyElsesDatabase) {
  SqliteDatabase database = Open(path_);
  ASSERT_TRUE(database.Execute("CREATE TABLE music (song TEXT)").ok());
  const absl::Status status = SchemaVersion(database, path_, one_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "not one of ours")) << status;
}

TEST_F(SqliteSchemaTest, NoticesAChangedTable) {
  SqliteDatabase database = Open(path_);
  Migrate(database, 0, one_);
  ASSERT_TRUE(database.Execute("CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM a; END").ok());
  EXPECT_TRUE(absl::IsDataLoss(VerifySchema(database, path_, one_)));
}

}  // namespace
}  // namespace caviar::store
