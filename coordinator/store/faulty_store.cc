#include "coordinator/store/faulty_store.h"

#include "common/status/status_macros.h"

namespace caviar::store {

absl::StatusOr<engine::Snapshot> FaultyStore::Load() {
  CAVIAR_RETURN_IF_ERROR(SyncAllBut(0));
  return real_.Load();
}

absl::Status FaultyStore::Commit(std::span<const engine::Write> writes) {
  CAVIAR_RETURN_IF_ERROR(failure_);
  if (writes.empty()) return absl::OkStatus();
  const bool fails = ++commits_ == plan_.failing_commit;
  if (!fails || plan_.is_failing_commit_kept) {
    unsynced_.emplace_back(writes.begin(), writes.end());
    CAVIAR_RETURN_IF_ERROR(SyncAllBut(static_cast<size_t>(plan_.unsynced_commits_max)));
  }
  if (fails) failure_ = absl::UnavailableError("this commit was made to fail");
  return failure_;
}

absl::StatusOr<bool> FaultyStore::EraseDeleted() {
  CAVIAR_RETURN_IF_ERROR(SyncAllBut(0));
  return real_.EraseDeleted();
}

absl::StatusOr<std::vector<v1::CurveRecord>> FaultyStore::ReadCurve(uint32_t job, uint32_t trial,
                                                                    uint32_t after_epoch,
                                                                    size_t rows_max) {
  CAVIAR_RETURN_IF_ERROR(SyncAllBut(0));
  return real_.ReadCurve(job, trial, after_epoch, rows_max);
}

absl::StatusOr<std::vector<v1::CurveRecord>> FaultyStore::ReadMeasured(uint32_t job,
                                                                       uint64_t after_sequence,
                                                                       size_t rows_max) {
  CAVIAR_RETURN_IF_ERROR(SyncAllBut(0));
  return real_.ReadMeasured(job, after_sequence, rows_max);
}

void FaultyStore::PowerLoss() {
  unsynced_.clear();
  failure_ = absl::UnavailableError("the power went");
}

absl::Status FaultyStore::SyncAllBut(size_t count) {
  CAVIAR_RETURN_IF_ERROR(failure_);
  while (unsynced_.size() > count) {
    failure_ = real_.Commit(unsynced_.front());
    CAVIAR_RETURN_IF_ERROR(failure_);
    unsynced_.pop_front();
  }
  return absl::OkStatus();
}

}  // namespace caviar::store
