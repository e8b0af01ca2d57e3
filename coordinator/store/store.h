// Where the engine's records live. One suite of tests (tests/contract) holds every Store to this
// contract.
//
// Threads:    one owner, the driver's thread.
// Durability: when Commit returns OK, a crash or power loss at any later moment keeps all of it;
//             when the process dies before that, none or all of it is there at the next open.
// Errors:     a Commit or EraseDeleted that fails leaves the store unusable: every later call fails
//             too, and the process must end and open it anew (after a failed fsync SQLite's next
//             insert would report success). kInvalidArgument, naming the record, for one that holds
//             text which is not UTF-8: it could be written, but never read again. kDataLoss when
//             records are damaged or older than a witness says, naming the file and the way to
//             repair.
#ifndef CAVIAR_COORDINATOR_STORE_STORE_H_
#define CAVIAR_COORDINATOR_STORE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "caviar/v1/records.pb.h"
#include "coordinator/engine/write.h"

namespace caviar::store {

class Store {
 public:
  virtual ~Store() = default;

  // Everything durable but the curves. Empty for a new store.
  virtual absl::StatusOr<engine::Snapshot> Load() = 0;

  // Applies the writes in order, in one transaction, and stamps the next commit sequence (whatever
  // an EngineRecord among them says). No writes, no commit. A job that is deleted is gone for all
  // readers at once, but what it leaves may be many rows: EraseDeleted clears them away.
  virtual absl::Status Commit(std::span<const engine::Write> writes) = 0;

  // Erases a piece of what deleted jobs left, in a transaction of its own that takes some
  // milliseconds and is no commit; true while there is more. Call it between commits until it says
  // false: after a commit that deletes a job, and once after Load, for what the process before did
  // not come to.
  virtual absl::StatusOr<bool> EraseDeleted() = 0;

  // The rows of one trial's curve with epoch > after_epoch, by epoch, the first `rows_max` of them.
  // Empty for a trial that has none (or does not exist). Its work is bounded by rows_max too.
  virtual absl::StatusOr<std::vector<v1::CurveRecord>> ReadCurve(uint32_t job, uint32_t trial,
                                                                 uint32_t after_epoch,
                                                                 size_t rows_max) = 0;

  // The rows of all curves of one job with sequence > after_sequence, by (sequence, trial, epoch):
  // the first `rows_max`, and whatever more has the same sequence as the last of these, so that a
  // reader goes on from that sequence. Fewer than rows_max means that there are no others. Its work
  // is bounded by the rows that it yields. Requires: sequences are below 2^63.
  virtual absl::StatusOr<std::vector<v1::CurveRecord>> ReadMeasured(uint32_t job,
                                                                    uint64_t after_sequence,
                                                                    size_t rows_max) = 0;
};

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_STORE_H_
