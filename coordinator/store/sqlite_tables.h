// The tables of an open and checked store.db with its witness: what SqliteStore is made of, without
// its rule that a failed commit is the end.
//
// Threads: one owner.
// Errors:  those of SqliteStore.
#ifndef CAVIAR_COORDINATOR_STORE_SQLITE_TABLES_H_
#define CAVIAR_COORDINATOR_STORE_SQLITE_TABLES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/engine/write.h"
#include "coordinator/store/curve_table.h"
#include "coordinator/store/record_table.h"
#include "coordinator/store/sqlite_database.h"
#include "coordinator/store/store_head.h"
#include "coordinator/store/witness.h"

namespace caviar::store {

class SqliteTables {
 public:
  static absl::StatusOr<std::unique_ptr<SqliteTables>> Open(const std::string& directory,
                                                            const std::string& vfs);

  // Checks and parses every record, and all of them against the tally.
  absl::StatusOr<engine::Snapshot> Load();
  absl::Status Commit(std::span<const engine::Write> writes);
  absl::StatusOr<std::vector<v1::CurveRecord>> ReadCurve(uint32_t job, uint32_t trial,
                                                         uint64_t after_sequence);

  // After this, closing leaves the files as they are: a failed sync may have dropped pages that
  // reads still show.
  void LeaveFilesAsTheyAre();

 private:
  SqliteTables(SqliteDatabase database, std::string path);

  // The steps of Open.
  absl::Status CheckAndMigrate(bool has_witness);
  absl::Status OpenTables();
  absl::Status MeetWitness(const std::string& path);

  absl::Status Apply(const engine::Write& write, StoreHead& head);

  SqliteDatabase database_;
  std::string path_;
  // Set by OpenTables. Statements go before the database does.
  std::optional<HeadTable> head_table_;
  std::optional<RecordTable<int64_t>> engine_, jobs_, trials_;
  std::optional<RecordTable<std::string>> datasets_;
  std::optional<CurveTable> curves_;
  std::optional<Witness> witness_;
  // As of the last commit.
  StoreHead head_;
};

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_SQLITE_TABLES_H_
