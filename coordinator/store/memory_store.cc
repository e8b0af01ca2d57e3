#include "coordinator/store/memory_store.h"

#include <algorithm>
#include <limits>

#include "common/status/status_macros.h"
#include "coordinator/store/check_write.h"

namespace caviar::store {
namespace {

// One overload for each kind of write.
struct Apply {
  MemoryDisk& disk;

  void operator()(const v1::EngineRecord& record) const {
    const uint64_t sequence = disk.engine.commit_sequence();
    disk.engine = record;
    disk.engine.set_commit_sequence(sequence);
  }
  void operator()(const v1::JobRecord& record) const { disk.jobs[record.id()] = record; }
  void operator()(const v1::TrialRecord& record) const {
    disk.trials[{record.job(), record.number()}] = record;
  }
  void operator()(const v1::CurveRecord& record) const {
    disk.curves[{record.job(), record.trial()}][record.epoch()] = record;
  }
  void operator()(const v1::DatasetRecord& record) const {
    disk.datasets[record.dataset().name()] = record;
  }
  void operator()(const engine::TruncateCurve& truncation) const {
    const auto curve = disk.curves.find({truncation.job, truncation.trial});
    if (curve == disk.curves.end()) return;
    curve->second.erase(curve->second.upper_bound(truncation.epochs), curve->second.end());
  }
  void operator()(const engine::DeleteJobRecord& deletion) const {
    disk.jobs.erase(deletion.job);
    EraseJob(disk.trials, deletion.job);
    EraseJob(disk.curves, deletion.job);
  }
  void operator()(const engine::DeleteDatasetRecord& deletion) const {
    disk.datasets.erase(deletion.name);
  }

  template <typename Map>
  static void EraseJob(Map& map, uint32_t job) {
    map.erase(map.lower_bound({job, 0}),
              map.upper_bound({job, std::numeric_limits<uint32_t>::max()}));
  }
};

}  // namespace

absl::StatusOr<engine::Snapshot> MemoryStore::Load() {
  CAVIAR_RETURN_IF_ERROR(failure_);
  engine::Snapshot snapshot;
  snapshot.engine = disk_.engine;
  for (const auto& [id, record] : disk_.jobs) snapshot.jobs.push_back(record);
  for (const auto& [key, record] : disk_.trials) snapshot.trials.push_back(record);
  for (const auto& [name, record] : disk_.datasets) snapshot.datasets.push_back(record);
  return snapshot;
}

absl::Status MemoryStore::Commit(std::span<const engine::Write> writes) {
  CAVIAR_RETURN_IF_ERROR(failure_);
  if (writes.empty()) return absl::OkStatus();
  for (const engine::Write& write : writes) {
    failure_ = CheckWrite(write);
    CAVIAR_RETURN_IF_ERROR(failure_);
  }
  for (const engine::Write& write : writes) std::visit(Apply{disk_}, write);
  disk_.engine.set_commit_sequence(disk_.engine.commit_sequence() + 1);
  return absl::OkStatus();
}

absl::StatusOr<bool> MemoryStore::EraseDeleted() {
  CAVIAR_RETURN_IF_ERROR(failure_);
  return false;  // memory is given back at once
}

absl::StatusOr<std::vector<v1::CurveRecord>> MemoryStore::ReadCurve(uint32_t job, uint32_t trial,
                                                                    uint32_t after_epoch,
                                                                    size_t rows_max) {
  CAVIAR_RETURN_IF_ERROR(failure_);
  std::vector<v1::CurveRecord> rows;
  const auto curve = disk_.curves.find({job, trial});
  if (curve == disk_.curves.end()) return rows;
  for (auto row = curve->second.upper_bound(after_epoch);
       row != curve->second.end() && rows.size() < rows_max; ++row) {
    rows.push_back(row->second);
  }
  return rows;
}

// Looks at the whole job: no index to keep where nothing is large.
absl::StatusOr<std::vector<v1::CurveRecord>> MemoryStore::ReadMeasured(uint32_t job,
                                                                       uint64_t after_sequence,
                                                                       size_t rows_max) {
  CAVIAR_RETURN_IF_ERROR(failure_);
  std::vector<const v1::CurveRecord*> found;
  for (auto curve = disk_.curves.lower_bound({job, 0});
       curve != disk_.curves.end() && curve->first.first == job; ++curve) {
    for (const auto& [epoch, record] : curve->second) {
      if (record.sequence() > after_sequence) found.push_back(&record);
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const auto* a, const auto* b) {
    return a->sequence() < b->sequence();  // within one, as found: by trial and epoch
  });
  std::vector<v1::CurveRecord> rows;
  for (const v1::CurveRecord* record : found) {
    const bool is_new = rows.empty() || rows.back().sequence() != record->sequence();
    if (rows.size() >= rows_max && is_new) break;
    rows.push_back(*record);
  }
  return rows;
}

}  // namespace caviar::store
