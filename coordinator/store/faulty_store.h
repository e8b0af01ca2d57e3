// A Store that fails on purpose, in front of a real one: for the tests of everything above stores.
//
// It can fail one commit, as a full disk or a failing sync does: of such a commit none or all is
// there after the restart, and nobody who was told of the failure can know which. And it can lie,
// as a disk that says "synced" too early does: then PowerLoss takes acknowledged commits with it,
// which the tests above must notice.
//
// Threads:   one owner.
// Ownership: the real store is borrowed and outlives this one.
// Errors:    kUnavailable from the failing commit on, as store.h demands; the real store's own.
#ifndef CAVIAR_COORDINATOR_STORE_FAULTY_STORE_H_
#define CAVIAR_COORDINATOR_STORE_FAULTY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/store.h"

namespace caviar::store {

struct FaultPlan {
  // Which commit fails, counting from 1; 0 = none.
  int failing_commit = 0;
  // Whether the failing commit is there all the same after the restart.
  bool is_failing_commit_kept = false;
  // Acknowledged commits that a power loss may take; 0 = an honest disk.
  int unsynced_commits_max = 0;
};

class FaultyStore : public Store {
 public:
  FaultyStore(Store& real, const FaultPlan& plan) : real_(real), plan_(plan) {}

  absl::StatusOr<engine::Snapshot> Load() override;
  absl::Status Commit(std::span<const engine::Write> writes) override;
  absl::StatusOr<bool> EraseDeleted() override;
  absl::StatusOr<std::vector<v1::CurveRecord>> ReadCurve(uint32_t job, uint32_t trial,
                                                         uint32_t after_epoch,
                                                         size_t rows_max) override;
  absl::StatusOr<std::vector<v1::CurveRecord>> ReadMeasured(uint32_t job, uint64_t after_sequence,
                                                            size_t rows_max) override;

  // Forgets what was not synced; the store is unusable from here on.
  void PowerLoss();

 private:
  absl::Status SyncAllBut(size_t count);

  Store& real_;
  FaultPlan plan_;
  int commits_ = 0;
  std::deque<std::vector<engine::Write>> unsynced_;
  absl::Status failure_;
};

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_FAULTY_STORE_H_
