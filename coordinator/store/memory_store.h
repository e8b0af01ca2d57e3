// A Store in memory: for tests, the simulator and whatever need not outlive its process.
//
// The records live in a MemoryDisk, which outlives the store as a disk outlives a process: open a
// second store on it to restart, copy it to keep a moment.
//
// Threads:   one owner.
// Ownership: the disk is borrowed and outlives the store; one store on it at a time.
// Errors:    those of store.h that the caller can cause.
#ifndef CAVIAR_COORDINATOR_STORE_MEMORY_STORE_H_
#define CAVIAR_COORDINATOR_STORE_MEMORY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/store.h"

namespace caviar::store {

struct MemoryDisk {
  using TrialKey = std::pair<uint32_t, uint32_t>;  // job, trial

  v1::EngineRecord engine;
  std::map<uint32_t, v1::JobRecord> jobs;
  std::map<TrialKey, v1::TrialRecord> trials;
  std::map<TrialKey, std::map<uint32_t, v1::CurveRecord>> curves;  // by epoch
  std::map<std::string, v1::DatasetRecord> datasets;
};

class MemoryStore : public Store {
 public:
  explicit MemoryStore(MemoryDisk& disk) : disk_(disk) {}

  absl::StatusOr<engine::Snapshot> Load() override;
  absl::Status Commit(std::span<const engine::Write> writes) override;
  absl::StatusOr<bool> EraseDeleted() override;
  absl::StatusOr<std::vector<v1::CurveRecord>> ReadCurve(uint32_t job, uint32_t trial,
                                                         uint32_t after_epoch,
                                                         size_t rows_max) override;
  absl::StatusOr<std::vector<v1::CurveRecord>> ReadMeasured(uint32_t job, uint64_t after_sequence,
                                                            size_t rows_max) override;

 private:
  MemoryDisk& disk_;
  // What the first refused commit said.
  absl::Status failure_;
};

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_MEMORY_STORE_H_
