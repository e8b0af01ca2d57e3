// Where the engine's records live. One suite of tests (tests/contract) holds every Store to this
// contract.
//
// Threads:    one owner, the driver's thread.
// Durability: when Commit returns OK, a crash or power loss at any later moment keeps all of it;
//             when the process dies before that, none or all of it is there at the next open.
// Errors:     a Commit that fails leaves the store unusable: every later call fails too, and the
//             process must end and open it anew (after a failed fsync SQLite's next insert would
//             report success). kDataLoss when records are damaged or older than a witness says,
//             naming the file and the way to repair.
#ifndef CAVIAR_COORDINATOR_STORE_STORE_H_
#define CAVIAR_COORDINATOR_STORE_STORE_H_

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
  // an EngineRecord among them says). No writes, no commit.
  virtual absl::Status Commit(std::span<const engine::Write> writes) = 0;

  // The rows of one trial's curve with sequence > after_sequence, by epoch. Empty for a trial that
  // has none (or does not exist).
  virtual absl::StatusOr<std::vector<v1::CurveRecord>> ReadCurve(uint32_t job, uint32_t trial,
                                                                 uint64_t after_sequence) = 0;
};

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_STORE_H_
