#include "coordinator/store/sqlite_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "coordinator/store/sqlite_tables.h"

namespace caviar::store {

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::string& directory,
                                                               const SqliteStoreOptions& options) {
  CAVIAR_ASSIGN_OR_RETURN(std::unique_ptr<SqliteTables> tables,
                          SqliteTables::Open(directory, options.vfs));
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(tables)));
}

SqliteStore::SqliteStore(std::unique_ptr<SqliteTables> tables) : tables_(std::move(tables)) {}

SqliteStore::~SqliteStore() = default;

absl::StatusOr<engine::Snapshot> SqliteStore::Load() {
  CAVIAR_RETURN_IF_ERROR(failure_);
  return tables_->Load();
}

absl::Status SqliteStore::Commit(std::span<const engine::Write> writes) {
  CAVIAR_RETURN_IF_ERROR(failure_);
  if (writes.empty()) return absl::OkStatus();
  const absl::Status status = tables_->Commit(writes);
  return status.ok() ? status : Fail(status);
}

absl::StatusOr<bool> SqliteStore::EraseDeleted() {
  CAVIAR_RETURN_IF_ERROR(failure_);
  absl::StatusOr<bool> has_more = tables_->EraseDeleted();
  if (!has_more.ok()) return Fail(has_more.status());
  return has_more;
}

absl::Status SqliteStore::Fail(const absl::Status& why) {
  tables_->LeaveFilesAsTheyAre();
  failure_ = absl::Status(
      why.code(), absl::StrCat("a commit failed, the store must be opened anew: ", why.message()));
  return failure_;
}

absl::StatusOr<std::vector<v1::CurveRecord>> SqliteStore::ReadCurve(uint32_t job, uint32_t trial,
                                                                    uint32_t after_epoch,
                                                                    size_t rows_max) {
  CAVIAR_RETURN_IF_ERROR(failure_);
  return tables_->ReadCurve(job, trial, after_epoch, rows_max);
}

absl::StatusOr<std::vector<v1::CurveRecord>> SqliteStore::ReadMeasured(uint32_t job,
                                                                       uint64_t after_sequence,
                                                                       size_t rows_max) {
  CAVIAR_RETURN_IF_ERROR(failure_);
  return tables_->ReadMeasured(job, after_sequence, rows_max);
}

}  // namespace caviar::store
