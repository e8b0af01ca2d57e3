// What the handlers of a step say about their changes, and how that becomes Effects: records are
// written once a step however often they were touched, sends keep their order.
//
// Threads: thread-compatible; on the engine's owner.
#ifndef CAVIAR_COORDINATOR_ENGINE_STEP_CHANGES_H_
#define CAVIAR_COORDINATOR_ENGINE_STEP_CHANGES_H_

#include <string>

#include "absl/status/status.h"
#include "coordinator/engine/engine_state.h"

namespace caviar::engine {

// The step's end is to look at the job, though nothing of it is to be written or shown.
void VisitJob(EngineState& state, Job& job);
// What v1::Job shows of the job has changed (counts, best …), or what it may hand out.
void TouchJob(EngineState& state, Job& job);
// Also its record is to be written.
void TouchJobRecord(EngineState& state, Job& job);
// The trial's record is to be written; the first touch in a step gives it a sequence, which new
// rows of its curve carry too. Implies TouchJob.
void TouchTrial(EngineState& state, Job& job, Trial& trial);
// As TouchTrial, with a new sequence whether or not the step has touched it: for decisions that are
// told apart by theirs.
void TouchTrialAnew(EngineState& state, Job& job, Trial& trial);
// Gives a trial that ended a sequence later than any other's so far.
void StampEnd(EngineState& state, Job& job, Trial& trial);

void Tell(EngineState& state, SessionId session, v1::CoordinatorMessage message);
void TellStop(EngineState& state, SessionId session, const AttemptKey& attempt,
              v1::Stop::Reason reason);
// Ends the session and forgets it. The worker's lease goes on.
void Close(EngineState& state, SessionId session, absl::Status reason);

void AnswerWithError(EngineState& state, RequestId request, absl::Status error);
// With the job as it is at the end of the step.
void AnswerWithJob(EngineState& state, RequestId request, const Job& job);
// With `count` trials from `first` on, likewise.
void AnswerWithTrials(EngineState& state, RequestId request, const Job& job, uint32_t first,
                      uint32_t count);
// With the trial as it is at the end of the step.
void AnswerWithTrial(EngineState& state, RequestId request, const Job& job, uint32_t number);

// Stamps and writes what was touched, and yields the effects; the next step starts with none.
Effects FinishStep(EngineState& state);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_STEP_CHANGES_H_
