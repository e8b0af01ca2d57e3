// A Store in one SQLite file: DIRECTORY/store.db, its log store.db-wal, and store.witness, the last
// commit sequence as somebody else knows it (witness.h).
//
// Opening checks everything: SQLite's own integrity check, the definitions of the tables, every
// record and curve row against its CRC-32C, all of them together against the tally that the last
// commit left, and that against the witness. A store that fails is left as it was found.
//
// Threads:    one owner; this process alone may have the file open, and through one connection
//             (two that write or checkpoint can corrupt each other's log before SQLite 3.51.3).
// Durability: write-ahead log, synced at every commit; then the witness, synced.
// Errors:     those of store.h; Open adds kFailedPrecondition for a file that another process
//             holds, that is not ours, or that a newer program wrote, and sqlite_database.h's.
#ifndef CAVIAR_COORDINATOR_STORE_SQLITE_STORE_H_
#define CAVIAR_COORDINATOR_STORE_SQLITE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/store.h"

namespace caviar::store {

class SqliteTables;  // sqlite_tables.h

struct SqliteStoreOptions {
  // A registered SQLite file layer; empty means the default one. Tests make one that fails.
  std::string vfs;
};

class SqliteStore : public Store {
 public:
  // Creates directory and files (modes 0700 and 0600) if needed.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(const std::string& directory,
                                                           const SqliteStoreOptions& options = {});
  ~SqliteStore() override;

  absl::StatusOr<engine::Snapshot> Load() override;
  absl::Status Commit(std::span<const engine::Write> writes) override;
  absl::StatusOr<bool> EraseDeleted() override;
  absl::StatusOr<std::vector<v1::CurveRecord>> ReadCurve(uint32_t job, uint32_t trial,
                                                         uint32_t after_epoch,
                                                         size_t rows_max) override;
  absl::StatusOr<std::vector<v1::CurveRecord>> ReadMeasured(uint32_t job, uint64_t after_sequence,
                                                            size_t rows_max) override;

 private:
  explicit SqliteStore(std::unique_ptr<SqliteTables> tables);
  // From the first failed write on, every call says so.
  absl::Status Fail(const absl::Status& why);

  std::unique_ptr<SqliteTables> tables_;
  // What the first failed commit said.
  absl::Status failure_;
};

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_SQLITE_STORE_H_
