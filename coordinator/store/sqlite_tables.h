// The tables of an open and checked store.db with its witness: what SqliteStore is made of, without
// its rule that a failed commit is the end.
//
// Threads: one owner.
// Errors:  those of SqliteStore.
#ifndef CAVIAR_COORDINATOR_STORE_SQLITE_TABLES_H_
#define CAVIAR_COORDINATOR_STORE_SQLITE_TABLES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
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
  // Rows that one EraseDeleted erases: ~20 ms, during which nobody is answered.
  static constexpr size_t kErasedAtOnce = 2000;

  static absl::StatusOr<std::unique_ptr<SqliteTables>> Open(const std::string& directory,
                                                            const std::string& vfs);

  // Checks and parses every record, and all of them against the tally.
  absl::StatusOr<engine::Snapshot> Load();
  absl::Status Commit(std::span<const engine::Write> writes);
  absl::StatusOr<bool> EraseDeleted();
  absl::StatusOr<std::vector<v1::CurveRecord>> ReadCurve(uint32_t job, uint32_t trial,
                                                         uint32_t after_epoch, size_t rows_max);
  absl::StatusOr<std::vector<v1::CurveRecord>> ReadMeasured(uint32_t job, uint64_t after_sequence,
                                                            size_t rows_max);

  // After this, closing leaves the files as they are: a failed sync may have dropped pages that
  // reads still show.
  void LeaveFilesAsTheyAre();

 private:
  SqliteTables(SqliteDatabase database, std::string path);

  // The steps of Open.
  absl::Status CheckAndMigrate(bool has_witness);
  absl::Status OpenTables();
  absl::Status MeetWitness(const std::string& path);

  // For Load.
  absl::Status ScanAll(engine::Snapshot& snapshot, RecordTally& tally);
  absl::Status Apply(const engine::Write& write, StoreHead& head);
  // Makes room for a new record of a job with this id.
  absl::Status FinishErasing(uint32_t job, StoreHead& head);
  // Erases at most `rows_max` rows of a deleted job, and forgets it with the last one; returns how
  // many it were.
  absl::StatusOr<size_t> EraseSome(uint32_t job, size_t rows_max, StoreHead& head);

  SqliteDatabase database_;
  std::string path_;
  // Set by OpenTables. Statements go before the database does.
  std::optional<HeadTable> head_table_;
  std::optional<RecordTable<int64_t>> engine_, jobs_, deleted_, trials_;
  std::optional<RecordTable<std::string>> datasets_;
  std::optional<CurveTable> curves_;
  std::optional<Witness> witness_;
  // As of the last commit.
  StoreHead head_;
  // The keys of table deleted_jobs: readers take rows of these jobs for gone.
  std::set<uint32_t> deleted_jobs_;
};

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_SQLITE_TABLES_H_
