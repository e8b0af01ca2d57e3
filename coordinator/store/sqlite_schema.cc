#include "coordinator/store/sqlite_schema.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/records.pb.h"
#include "common/file/durable_file.h"
#include "common/status/status_macros.h"

namespace caviar::store {
namespace {

// "CAVR": how file(1) and we tell our files from other SQLite databases.
constexpr int64_t kApplicationId = 0x43415652;

// The trial key is job << 32 | trial number; a tally is a RecordTally; a crc covers table, key and
// record (record_table.h). Names of metrics, the same for whole jobs, are stored once.
constexpr char kVersion1[] = R"sql(
CREATE TABLE head (
  id INTEGER PRIMARY KEY CHECK (id = 0),
  store_id INTEGER NOT NULL,
  commit_sequence INTEGER NOT NULL,
  record_count INTEGER NOT NULL,
  record_sum INTEGER NOT NULL,
  curve_count INTEGER NOT NULL,
  curve_sum INTEGER NOT NULL,
  crc INTEGER NOT NULL
) STRICT;
CREATE TABLE engine (key INTEGER PRIMARY KEY, record BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE TABLE jobs (key INTEGER PRIMARY KEY, record BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE TABLE trials (key INTEGER PRIMARY KEY, record BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE TABLE datasets (
  key TEXT PRIMARY KEY, record BLOB NOT NULL, crc INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE metric_names (
  key INTEGER PRIMARY KEY, record BLOB NOT NULL, crc INTEGER NOT NULL
) STRICT;
CREATE TABLE curves (
  trial INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  metric_names INTEGER NOT NULL REFERENCES metric_names (key),
  record BLOB NOT NULL,
  crc INTEGER NOT NULL,
  PRIMARY KEY (trial, epoch)
) STRICT, WITHOUT ROWID;
)sql";

// Jobs that were deleted, but not all of whose rows have been erased yet (empty records). And which
// rows of a job are new, without a look at the others: the job's high half of the key first, so
// that the rows of one commit are neighbours in the index.
constexpr char kVersion2[] = R"sql(
CREATE TABLE deleted_jobs (
  key INTEGER PRIMARY KEY, record BLOB NOT NULL, crc INTEGER NOT NULL
) STRICT;
ALTER TABLE curves ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
UPDATE curves SET sequence = curve_sequence(record);
CREATE INDEX curves_by_sequence ON curves (trial >> 32, sequence);
)sql";

// For migration 1: the sequence that a curve row's record holds. One that does not parse yields 0;
// the check of all rows finds it.
int64_t CurveSequence(absl::string_view record) {
  v1::CurveRecord parsed;
  if (!parsed.ParseFromArray(record.data(), static_cast<int>(record.size()))) return 0;
  return static_cast<int64_t>(parsed.sequence());
}

// Name and definition of every table and index, in one text.
absl::StatusOr<std::string> Definitions(SqliteDatabase& database) {
  return database.QueryText(
      "SELECT coalesce(group_concat(type || ' ' || name || ': ' || coalesce(sql, ''), char(10)), "
      "'') FROM (SELECT * FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name)");
}

}  // namespace

std::span<const std::string> StoreMigrations() {
  static const auto* const migrations = new std::array<std::string, 2>{kVersion1, kVersion2};
  return *migrations;
}

absl::StatusOr<int> SchemaVersion(SqliteDatabase& database, const std::string& path,
                                  std::span<const std::string> migrations) {
  CAVIAR_ASSIGN_OR_RETURN(const int64_t application, database.QueryInt("PRAGMA application_id"));
  CAVIAR_ASSIGN_OR_RETURN(const int64_t version, database.QueryInt("PRAGMA user_version"));
  if (application == 0 && version == 0) {
    CAVIAR_ASSIGN_OR_RETURN(const int64_t tables,
                            database.QueryInt("SELECT count(*) FROM sqlite_schema"));
    if (tables == 0) return 0;
  }
  if (application != kApplicationId) {
    return absl::FailedPreconditionError(absl::StrFormat(
        "%s is an SQLite database, but not one of ours (application_id %#x, expected %#x); it was "
        "left untouched. Use another directory",
        path, static_cast<uint32_t>(application), kApplicationId));
  }
  if (version > static_cast<int64_t>(migrations.size())) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, " was written by a newer Caviar (store version ", version, ", this one knows ",
        migrations.size(), "); it was left untouched. Start the newer program, or restore the ",
        "backup that it made beside the file when it upgraded it"));
  }
  if (version < 1) {
    return absl::DataLossError(absl::StrCat("store version ", version, " does not exist"));
  }
  return static_cast<int>(version);
}

absl::Status BackUpBeforeMigration(SqliteDatabase& database, const std::string& path, int version) {
  const std::string backup = absl::StrCat(path, ".version-", version, ".backup");
  const std::string temporary = absl::StrCat(backup, ".tmp");
  // SQLite takes an existing empty file; made here, so that nobody else can read it.
  unlink(temporary.c_str());
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot create ", temporary));
  close(fd);
  const std::string quoted = absl::StrReplaceAll(temporary, {{"'", "''"}});
  CAVIAR_RETURN_IF_ERROR(database.Execute(absl::StrCat("VACUUM INTO '", quoted, "'")));
  return RenameDurably(temporary, backup);
}

absl::Status MigrateSchema(SqliteDatabase& database, int version,
                           std::span<const std::string> migrations) {
  CAVIAR_RETURN_IF_ERROR(database.AddFunction("curve_sequence", &CurveSequence));
  for (const std::string& migration : migrations.subspan(static_cast<size_t>(version))) {
    CAVIAR_RETURN_IF_ERROR(database.Execute(migration));
  }
  return database.Execute(absl::StrCat("PRAGMA application_id = ", kApplicationId,
                                       "; PRAGMA user_version = ", migrations.size()));
}

absl::Status VerifySchema(SqliteDatabase& database, const std::string& path,
                          std::span<const std::string> migrations) {
  CAVIAR_ASSIGN_OR_RETURN(SqliteDatabase reference, SqliteDatabase::Open(":memory:", ""));
  CAVIAR_RETURN_IF_ERROR(MigrateSchema(reference, 0, migrations));
  CAVIAR_ASSIGN_OR_RETURN(const std::string expected, Definitions(reference));
  CAVIAR_ASSIGN_OR_RETURN(const std::string found, Definitions(database));
  if (found != expected) {
    return absl::DataLossError(absl::StrCat("the tables of ", path, " are not the expected ones"));
  }
  return absl::OkStatus();
}

}  // namespace caviar::store
