// What the adjustments on a trial's record come to: which of them are in force, and the
// values that they give.
//
// Threads:     pure functions of the record; those that change it are on the engine's owner.
// Determinism: functions of the records alone, so that a retry is told what the attempt before it
//              was.
#ifndef CAVIAR_COORDINATOR_ENGINE_ADJUSTMENTS_H_
#define CAVIAR_COORDINATOR_ENGINE_ADJUSTMENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "caviar/v1/job.pb.h"
#include "caviar/v1/records.pb.h"
#include "caviar/v1/worker_service.pb.h"
#include "coordinator/engine/engine_state.h"
#include "google/protobuf/struct.pb.h"

namespace caviar::engine {

// By rising after_epoch. A rollback takes out of force what was trained with from its epoch on:
// those after that epoch or a later one. They stay on record.
std::vector<const v1::Adjustment*> InForce(const v1::TrialRecord& record);

// The epoch after which a change that is asked for now takes effect: where the curve ends, or,
// while epochs up to an earlier change are trained again, after that one.
uint32_t NextAdjustmentEpoch(const v1::TrialRecord& record);

// The point as it is after `epoch` epochs.
google::protobuf::Struct PointAfter(const v1::TrialRecord& record, uint32_t epoch);
// Fixed values and the point in one, as they are after `epoch` epochs.
google::protobuf::Struct ValuesAfter(const v1::JobSpec& spec, const v1::TrialRecord& record,
                                     uint32_t epoch);
// What changes later than that.
std::vector<v1::Change> ChangesLaterThan(const v1::TrialRecord& record, uint32_t epoch);

// `set` without what already is so.
google::protobuf::Struct WhatChanges(const google::protobuf::Struct& values,
                                     const google::protobuf::Struct& set);
// For the names in `set`, the values there are: the default where there is none.
google::protobuf::Struct WhatIsReplaced(const google::protobuf::Struct& values,
                                        const google::protobuf::Struct& set);
// "learning_rate, momentum".
std::string NamesIn(const google::protobuf::Struct& set);

// The change that waits takes effect after NextAdjustmentEpoch; nothing happens without one. Keeps
// the checkpoint at hand, so that going back before the change costs nothing.
void TakeUpAdjustment(EngineState& state, const v1::JobSpec& spec, v1::TrialRecord& record);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_ADJUSTMENTS_H_
