// One table of store.db whose rows are a key, a record (protobuf bytes) and the CRC-32C of table,
// key and record; writes keep a RecordTally of the rows up to date.
//
// Threads:  one owner; the database outlives it.
// Errors:   kDataLoss, naming table and key, when a row does not match its CRC; SQLite's errors.
#ifndef CAVIAR_COORDINATOR_STORE_RECORD_TABLE_H_
#define CAVIAR_COORDINATOR_STORE_RECORD_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/store/record_tally.h"
#include "coordinator/store/sqlite_database.h"

namespace caviar::store {

// Key: int64_t or std::string.
template <typename Key>
class RecordTable {
 public:
  // `name` is one of the tables with columns (key, record, crc).
  static absl::StatusOr<RecordTable> Open(SqliteDatabase& database, const std::string& name);

  // Inserts or replaces.
  absl::Status Put(const Key& key, absl::string_view record, RecordTally& tally);
  // Removes what has this key, if anything.
  absl::Status Erase(const Key& key, RecordTally& tally) {
    return EraseSome(key, key, 1, tally).status();
  }
  // Removes the first `rows_max` of what has a key in [first, last]; returns how many it were.
  absl::StatusOr<size_t> EraseSome(const Key& first, const Key& last, size_t rows_max,
                                   RecordTally& tally);
  // Checks every row, by ascending key, adds it to the tally and hands it to `visit`, which stops
  // the scan by an error.
  absl::Status Scan(
      RecordTally& tally,
      const std::function<absl::Status(const Key& key, absl::string_view record)>& visit);

 private:
  RecordTable() = default;

  std::string name_;
  SqliteStatement select_crc_, replace_, select_range_, erase_range_, scan_;
};

extern template class RecordTable<int64_t>;
extern template class RecordTable<std::string>;

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_RECORD_TABLE_H_
