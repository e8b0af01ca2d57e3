// The one row of table `head` in store.db: which store this is, how many commits it holds, and what
// the other tables hold in all. Every commit rewrites it.
//
// Threads:  one owner; the database outlives it.
// Errors:   kDataLoss when the row is missing or fails its CRC; SQLite's errors.
#ifndef CAVIAR_COORDINATOR_STORE_STORE_HEAD_H_
#define CAVIAR_COORDINATOR_STORE_STORE_HEAD_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/record_tally.h"
#include "coordinator/store/sqlite_database.h"

namespace caviar::store {

struct StoreHead {
  // Drawn when the store is made.
  uint64_t store_id = 0;
  uint64_t commit_sequence = 0;
  // All tables but the curves; the curves.
  RecordTally records;
  RecordTally curves;
};

class HeadTable {
 public:
  static absl::StatusOr<HeadTable> Open(SqliteDatabase& database);
  absl::StatusOr<StoreHead> Read();
  absl::Status Write(const StoreHead& head);

 private:
  HeadTable() = default;
  SqliteStatement select_, replace_;
};

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_STORE_HEAD_H_
