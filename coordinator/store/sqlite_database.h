// SQLite behind absl::Status: one connection, its prepared statements, and what its result codes
// mean to us. Everything that calls sqlite3_* lives here.
//
// Threads: one owner.
// Errors:  kResourceExhausted for a full disk; kFailedPrecondition when another process holds the
//          file; kDataLoss when SQLite finds it damaged; kPermissionDenied; kUnavailable when
//          reads, writes or syncs fail; kInternal for the rest (our SQL is wrong). Each names the
//          file.
#ifndef CAVIAR_COORDINATOR_STORE_SQLITE_DATABASE_H_
#define CAVIAR_COORDINATOR_STORE_SQLITE_DATABASE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sqlite3;
struct sqlite3_stmt;

namespace caviar::store {

// A prepared statement. Bind (parameters count from 1), Step until false, Reset; the database
// outlives it.
class SqliteStatement {
 public:
  SqliteStatement() = default;

  void BindInt(int parameter, int64_t value);
  // Borrowed until the next Reset.
  void BindBlob(int parameter, absl::string_view bytes);
  void BindText(int parameter, absl::string_view text);

  // True when a row stands ready, false at the end.
  absl::StatusOr<bool> Step();
  // Steps to the end, expecting no row, and resets.
  absl::Status Run();
  void Reset();

  // Columns count from 0; views last until the next Step or Reset.
  int64_t ColumnInt(int column) const;
  absl::string_view ColumnBytes(int column) const;

 private:
  friend class SqliteDatabase;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  SqliteStatement(sqlite3_stmt* statement, std::string file);

  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  std::string file_;
};

class SqliteDatabase {
 public:
  // Requires: the file exists (an empty one is a new database), unless path is ":memory:". `vfs`
  // names a registered SQLite file layer; empty is the default one.
  static absl::StatusOr<SqliteDatabase> Open(const std::string& path, const std::string& vfs);

  // Runs statements that yield no rows we want.
  absl::Status Execute(const std::string& sql);
  absl::StatusOr<SqliteStatement> Prepare(absl::string_view sql);
  // The first column of the first row.
  absl::StatusOr<int64_t> QueryInt(absl::string_view sql);
  absl::StatusOr<std::string> QueryText(absl::string_view sql);

  // For SQL on this connection: a pure function of one blob.
  absl::Status AddFunction(const std::string& name, int64_t (*function)(absl::string_view bytes));

  // Whether closing folds the write-ahead log into the file. Off from the start, so that a store
  // which is refused is left exactly as it was found.
  absl::Status SetCheckpointOnClose(bool on);

 private:
  struct Closer {
    void operator()(sqlite3* connection) const;
  };
  SqliteDatabase(sqlite3* connection, std::string file);

  std::unique_ptr<sqlite3, Closer> connection_;
  std::string file_;
};

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_SQLITE_DATABASE_H_
