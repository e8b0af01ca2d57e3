#include "coordinator/store/sqlite_database.h"

#include <sqlite3.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"

namespace caviar::store {
namespace {

absl::StatusCode CodeOf(int result) {
  // A read past the end is a truncated file, not a failing disk.
  if (result == SQLITE_IOERR_SHORT_READ) return absl::StatusCode::kDataLoss;
  switch (result & 0xFF) {
    case SQLITE_FULL:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::StatusCode::kFailedPrecondition;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
      return absl::StatusCode::kPermissionDenied;
    case SQLITE_IOERR:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::Status StatusOf(int result, sqlite3* connection, const std::string& file) {
  if (result == SQLITE_OK || result == SQLITE_DONE || result == SQLITE_ROW) {
    return absl::OkStatus();
  }
  const absl::StatusCode code = CodeOf(result);
  std::string message = absl::StrCat(file, ": ");
  switch (code) {
    case absl::StatusCode::kResourceExhausted:
      absl::StrAppend(&message, "the disk is full; free some space and start again");
      break;
    case absl::StatusCode::kFailedPrecondition:
      absl::StrAppend(&message, "another process has it open; stop that one first");
      break;
    default:
      absl::StrAppend(&message,
                      connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(result));
  }
  absl::StrAppend(&message, " (SQLite ", result, ")");
  return absl::Status(code, message);
}

}  // namespace

void SqliteStatement::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqliteStatement::SqliteStatement(sqlite3_stmt* statement, std::string file)
    : statement_(statement), file_(std::move(file)) {}

void SqliteStatement::BindInt(int parameter, int64_t value) {
  CAVIAR_CHECK(sqlite3_bind_int64(statement_.get(), parameter, value) == SQLITE_OK);
}

void SqliteStatement::BindBlob(int parameter, absl::string_view bytes) {
  // A null pointer would bind NULL where we mean an empty blob.
  const char* data = bytes.data() != nullptr ? bytes.data() : "";
  CAVIAR_CHECK(sqlite3_bind_blob64(statement_.get(), parameter, data, bytes.size(),
                                   SQLITE_STATIC) == SQLITE_OK);
}

void SqliteStatement::BindText(int parameter, absl::string_view text) {
  const char* data = text.data() != nullptr ? text.data() : "";
  CAVIAR_CHECK(sqlite3_bind_text64(statement_.get(), parameter, data, text.size(), SQLITE_STATIC,
                                   SQLITE_UTF8) == SQLITE_OK);
}

absl::StatusOr<bool> SqliteStatement::Step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  const absl::Status status = StatusOf(result, sqlite3_db_handle(statement_.get()), file_);
  sqlite3_reset(statement_.get());
  return status;
}

absl::Status SqliteStatement::Run() {
  CAVIAR_ASSIGN_OR_RETURN(const bool has_row, Step());
  CAVIAR_CHECK(!has_row) << sqlite3_sql(statement_.get());
  Reset();
  return absl::OkStatus();
}

void SqliteStatement::Reset() { sqlite3_reset(statement_.get()); }

int64_t SqliteStatement::ColumnInt(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

absl::string_view SqliteStatement::ColumnBytes(int column) const {
  // The pointer first: asking for it may convert, and the size is that of the result.
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return absl::string_view(static_cast<const char*>(data), static_cast<size_t>(size));
}

void SqliteDatabase::Closer::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

SqliteDatabase::SqliteDatabase(sqlite3* connection, std::string file)
    : connection_(connection), file_(std::move(file)) {}

absl::StatusOr<SqliteDatabase> SqliteDatabase::Open(const std::string& path,
                                                    const std::string& vfs) {
  sqlite3* connection = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
                    SQLITE_OPEN_EXRESCODE;
  const int result =
      sqlite3_open_v2(path.c_str(), &connection, flags, vfs.empty() ? nullptr : vfs.c_str());
  SqliteDatabase database(connection, path);  // SQLite hands out a connection even when it fails
  CAVIAR_RETURN_IF_ERROR(StatusOf(result, connection, path));
  int is_on = 0;
  CAVIAR_RETURN_IF_ERROR(StatusOf(
      sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, &is_on), connection, path));
  CAVIAR_RETURN_IF_ERROR(database.SetCheckpointOnClose(false));
  return database;
}

absl::Status SqliteDatabase::Execute(const std::string& sql) {
  return StatusOf(sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr),
                  connection_.get(), file_);
}

absl::StatusOr<SqliteStatement> SqliteDatabase::Prepare(absl::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  CAVIAR_RETURN_IF_ERROR(StatusOf(result, connection_.get(), file_));
  return SqliteStatement(statement, file_);
}

absl::StatusOr<int64_t> SqliteDatabase::QueryInt(absl::string_view sql) {
  CAVIAR_ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(sql));
  CAVIAR_ASSIGN_OR_RETURN(const bool has_row, statement.Step());
  CAVIAR_CHECK(has_row) << std::string(sql);
  return statement.ColumnInt(0);
}

absl::StatusOr<std::string> SqliteDatabase::QueryText(absl::string_view sql) {
  CAVIAR_ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(sql));
  CAVIAR_ASSIGN_OR_RETURN(const bool has_row, statement.Step());
  CAVIAR_CHECK(has_row) << std::string(sql);
  return std::string(statement.ColumnBytes(0));
}

absl::Status SqliteDatabase::AddFunction(const std::string& name,
                                         int64_t (*function)(absl::string_view bytes)) {
  const auto call = [](sqlite3_context* context, int, sqlite3_value** arguments) {
    const auto function =
        reinterpret_cast<int64_t (*)(absl::string_view)>(sqlite3_user_data(context));
    const void* const data = sqlite3_value_blob(arguments[0]);
    const int size = sqlite3_value_bytes(arguments[0]);
    sqlite3_result_int64(context, function(absl::string_view(static_cast<const char*>(data),
                                                             static_cast<size_t>(size))));
  };
  return StatusOf(sqlite3_create_function_v2(connection_.get(), name.c_str(), 1,
                                             SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
                                             reinterpret_cast<void*>(function), call, nullptr,
                                             nullptr, nullptr),
                  connection_.get(), file_);
}

absl::Status SqliteDatabase::SetCheckpointOnClose(bool on) {
  int is_off = 0;
  return StatusOf(
      sqlite3_db_config(connection_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 0 : 1, &is_off),
      connection_.get(), file_);
}

}  // namespace caviar::store
