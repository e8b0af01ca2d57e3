#include "coordinator/store/memory_store.h"

#include <limits>

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
  engine::Snapshot snapshot;
  snapshot.engine = disk_.engine;
  for (const auto& [id, record] : disk_.jobs) snapshot.jobs.push_back(record);
  for (const auto& [key, record] : disk_.trials) snapshot.trials.push_back(record);
  for (const auto& [name, record] : disk_.datasets) snapshot.datasets.push_back(record);
  return snapshot;
}

absl::Status MemoryStore::Commit(std::span<const engine::Write> writes) {
  if (writes.empty()) return absl::OkStatus();
  for (const engine::Write& write : writes) std::visit(Apply{disk_}, write);
  disk_.engine.set_commit_sequence(disk_.engine.commit_sequence() + 1);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::CurveRecord>> MemoryStore::ReadCurve(uint32_t job, uint32_t trial,
                                                                    uint64_t after_sequence) {
  std::vector<v1::CurveRecord> rows;
  const auto curve = disk_.curves.find({job, trial});
  if (curve == disk_.curves.end()) return rows;
  for (const auto& [epoch, record] : curve->second) {
    if (record.sequence() > after_sequence) rows.push_back(record);
  }
  return rows;
}

}  // namespace caviar::store
