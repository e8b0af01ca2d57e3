// The curves in store.db: one row an epoch of a trial. The lists of metric names, which the rows of
// a whole job share, are kept once in a table of their own, so that a row of seven metrics takes
// about 90 bytes instead of 210. There are kNameListsMax such lists at most, so that nobody who
// makes up names for ever fills memory with them: rows with other lists hold their own.
//
// Threads: one owner; the database outlives it.
// Errors:  kDataLoss, naming trial and epoch, when a row does not match its CRC; SQLite's errors.
#ifndef CAVIAR_COORDINATOR_STORE_CURVE_TABLE_H_
#define CAVIAR_COORDINATOR_STORE_CURVE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "caviar/v1/records.pb.h"
#include "coordinator/store/record_table.h"
#include "coordinator/store/record_tally.h"
#include "coordinator/store/sqlite_database.h"

namespace caviar::store {

class CurveTable {
 public:
  // Jobs have a list each at most, as a rule, and mostly all the same one; at 64 names of 64 bytes
  // a list, 4 MiB.
  static constexpr size_t kNameListsMax = 1024;

  static absl::StatusOr<CurveTable> Open(SqliteDatabase& database);

  // `tally` is that of rows and lists of names together.
  absl::Status Put(const v1::CurveRecord& record, RecordTally& tally);
  // Removes the first `rows_max` rows of the job; returns how many it were.
  absl::StatusOr<size_t> EraseSome(uint32_t job, size_t rows_max, RecordTally& tally);
  // Removes the trial's rows past `epochs`.
  absl::Status Truncate(uint32_t job, uint32_t trial, uint32_t epochs, RecordTally& tally);
  // As Store's.
  absl::StatusOr<std::vector<v1::CurveRecord>> ReadCurve(uint32_t job, uint32_t trial,
                                                         uint32_t after_epoch, size_t rows_max);
  absl::StatusOr<std::vector<v1::CurveRecord>> ReadMeasured(uint32_t job, uint64_t after_sequence,
                                                            size_t rows_max);
  // Checks and tallies every row and list of names.
  absl::StatusOr<RecordTally> CheckAll();

 private:
  explicit CurveTable(RecordTable<int64_t> names) : names_(std::move(names)) {}
  absl::Status ReadNames();
  // The list of the record's names; nothing when the row is to hold them itself.
  absl::StatusOr<std::optional<int64_t>> IdOfNames(const v1::CurveRecord& record,
                                                   RecordTally& tally);
  // Checks the row that stands ready in `statement`, and puts it together.
  absl::StatusOr<v1::CurveRecord> RecordOf(const SqliteStatement& statement) const;

  RecordTable<int64_t> names_;
  // Each list is a record with names and nothing else; by id, and the other way round by its bytes.
  std::vector<v1::CurveRecord> names_by_id_;
  absl::flat_hash_map<std::string, int64_t> ids_by_names_;
  SqliteStatement select_crc_, replace_, select_job_, erase_, select_tail_, erase_tail_,
      select_trial_, select_measured_, scan_;
};

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_CURVE_TABLE_H_
