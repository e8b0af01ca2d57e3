// What the engine and a job's trial scheduler have to say to each other: what happens to trials,
// and which of them go on. docs/search.md tells what the schedulers do.
//
// A trial whose scheduler grants by rung trains to its rung. There it goes on at once (Grant), or
// is told to pause: its worker checkpoints and hands it back, it is PAUSED and holds no slot, until
// it is promoted by a larger grant, or the job ends. A trial that has measured all of its grant has
// nothing to do but wait; if it lost its worker there, it waits with an older checkpoint and is
// trained again from there only if it is promoted.
//
// Threads: thread-compatible; on the engine's owner.
// Determinism: decisions are functions of the job's state at the sequences on record.
#ifndef CAVIAR_COORDINATOR_ENGINE_SCHEDULING_H_
#define CAVIAR_COORDINATOR_ENGINE_SCHEDULING_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

// Tells a new scheduler everything that the records hold. kDataLoss when they cannot be of it.
absl::Status TellScheduler(Job& job);

// ---- What happens ----

// What the job can still do now.
schedule::Outlook OutlookOf(const Job& job);
// The trial was created, with its first grant in until_epoch; `outlook` is that before it was.
void ScheduleNew(Job& job, Trial& trial, const schedule::Outlook& outlook);
// A new epoch is on the trial's curve, with the objective measured there. May decide that the trial
// is pruned (TrialRecord::prune_reason).
void JudgeEpoch(Job& job, Trial& trial, uint32_t epoch, std::optional<double> value);
// A running trial has measured something: at the end of its grant it goes on or is told to stop; so
// is one that was pruned. Requires: the worker has a session.
void DecideHowOn(EngineState& state, Worker& worker, Job& job, Trial& trial);
// The trial became PAUSED at its rung.
void ScheduleWait(Job& job, Trial& trial);
void ScheduleEnd(Job& job, const Trial& trial);

// Shows the sampler, if it learns from rungs, the trial's newest one: that of its first `rungs`
// judgements. Samplers learn of a trial at its rungs, for most never come further.
void ShowRung(Job& job, const v1::TrialRecord& record, int rungs);

// ---- Who goes on ----

// Whether a live trial has measured all of its grant and waits for a promotion, or is about to.
// Where others may copy it, it trains again what its checkpoint lacks before it waits.
bool WaitsAtRung(const Job& job, const v1::TrialRecord& record);
// The promotion that comes before any new point; nullopt if there is none.
std::optional<schedule::Promotion> NextPromotion(Job& job);
// PAUSED -> PENDING with a larger grant, and maybe as a copy of another trial.
Trial& Promote(EngineState& state, Job& job, const schedule::Promotion& promotion);

// ---- The end ----

// Whether a worker could turn the trial's checkpoint into the model of its best epoch.
bool CanBecomeModel(const v1::TrialRecord& record);
// The job would end with its best trial PAUSED: it becomes PENDING, pruned, so that a worker turns
// its checkpoint into a model. False if there is no such trial.
bool GiveBestItsModel(EngineState& state, Job& job);
// A live trial without a worker is pruned, and becomes PENDING so that a worker turns its
// checkpoint into a model. Requires: CanBecomeModel().
void TurnIntoModel(EngineState& state, Job& job, Trial& trial, const std::string& reason);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_SCHEDULING_H_
