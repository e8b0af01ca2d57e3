// The tables of store.db and how they came to be: a list of migrations, of which a database has
// run the first user_version ones.
//
// Threads: one owner.
// Errors:  kFailedPrecondition for a file that is not ours or comes from a newer program; kDataLoss
//          when the tables are not the ones that the migrations make.
#ifndef CAVIAR_COORDINATOR_STORE_SQLITE_SCHEMA_H_
#define CAVIAR_COORDINATOR_STORE_SQLITE_SCHEMA_H_

#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/sqlite_database.h"

namespace caviar::store {

// Migration k takes a database from version k to k + 1. Never edit one that was released.
std::span<const std::string> StoreMigrations();

// The version of the database: 0 when it is new and empty. Reads only.
absl::StatusOr<int> SchemaVersion(SqliteDatabase& database, const std::string& path,
                                  std::span<const std::string> migrations);

// Copies the database, durable on return, to "PATH.version-N.backup".
absl::Status BackUpBeforeMigration(SqliteDatabase& database, const std::string& path, int version);

// Runs the migrations after the first `version`. Requires: inside a transaction.
absl::Status MigrateSchema(SqliteDatabase& database, int version,
                           std::span<const std::string> migrations);

// Compares every table's definition with what the migrations make.
absl::Status VerifySchema(SqliteDatabase& database, const std::string& path,
                          std::span<const std::string> migrations);

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_SQLITE_SCHEMA_H_
