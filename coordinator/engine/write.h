// What the engine wants durable. Records are written whole, so that applying a write twice is the
// same as applying it once.
#ifndef CAVIAR_COORDINATOR_ENGINE_WRITE_H_
#define CAVIAR_COORDINATOR_ENGINE_WRITE_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "caviar/v1/records.pb.h"

namespace caviar::engine {

// Removes the job with its trials and curves.
struct DeleteJobRecord {
  uint32_t job = 0;
};

// Removes the rows of a trial's curve past `epochs`.
struct TruncateCurve {
  uint32_t job = 0;
  uint32_t trial = 0;
  uint32_t epochs = 0;
};

struct DeleteDatasetRecord {
  std::string name;
};

// A record is an upsert under its key (records.proto).
using Write = std::variant<v1::EngineRecord, v1::JobRecord, v1::TrialRecord, v1::CurveRecord,
                           v1::DatasetRecord, TruncateCurve, DeleteJobRecord, DeleteDatasetRecord>;

// All that Engine::Restore needs: everything durable but the curves, in any order.
struct Snapshot {
  v1::EngineRecord engine;
  std::vector<v1::JobRecord> jobs;
  std::vector<v1::TrialRecord> trials;
  std::vector<v1::DatasetRecord> datasets;
};

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_WRITE_H_
