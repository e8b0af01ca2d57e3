// The steps of a trial's life, each keeping records, counters, queues, workers and references in
// line. What decides about them lies elsewhere (assign_trials, job_life, attempt_messages).
//
// How far a trial has come is told by five things. E is the epoch on its curve (epochs_high), A
// that of its newest attempt, C that of its checkpoint; C <= A <= E:
//
//   state              epochs  epochs_high  attempt_progress     checkpoint_progress Trial::lineage
//   new                0       0            absent               absent               null
//   RUNNING            A       E            present while A < E  present if C > 0     from C to A
//   PENDING or PAUSED  A       E            present while A < E  present if C > 0     null
//   ended              E       E            absent               absent               null
//
// In a trial that was tried, A is what the attempt had come to when it was lost or given back; the
// next one starts at A = C. E shrinks when a retry COMPLETED at A < E, E becoming A, and when a
// person rolls the trial back.
//
// Threads: thread-compatible; on the engine's owner.
#ifndef CAVIAR_COORDINATOR_ENGINE_TRIAL_LIFE_H_
#define CAVIAR_COORDINATOR_ENGINE_TRIAL_LIFE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "coordinator/engine/engine_state.h"
#include "coordinator/search/sampler.h"

namespace caviar::engine {

// A new PENDING trial with `grant` epochs reserved, of a point that the sampler made of what it saw
// at the job's sequence `sampled_at`.
Trial& CreateTrial(EngineState& state, Job& job, search::Proposal proposal, uint64_t sampled_at,
                   uint32_t grant);
// The same with a point from outside.
Trial& CreateAddedTrial(EngineState& state, Job& job, search::Point point, uint32_t grant);

// PENDING -> RUNNING: the next attempt, on this worker, from the newest usable checkpoint.
// Requires: the worker has a session and a free slot.
void StartAttempt(EngineState& state, Job& job, Trial& trial, Worker& worker);

// RUNNING -> PENDING, or PAUSED in a paused job or at its rung: the worker gave it back. A job that
// is ending ends the trial instead, unless it is the best and its checkpoint can become its model;
// and so does a decision to prune it if its checkpoint is no model.
void ReturnAttempt(EngineState& state, Job& job, Trial& trial);

// RUNNING -> PENDING, or PAUSED at its rung: the worker is gone or does not know of it. If the
// worker died of it, maybe, that is counted, and at kWorkerDeathsMax the trial is FAILED. What ends
// it instead is the same as in ReturnAttempt.
void LoseAttempt(EngineState& state, Job& job, Trial& trial, bool worker_died,
                 absl::string_view why);

// Counts an attempt that ended without a new epoch, maybe by the trial's fault. At kWorkerDeathsMax
// the trial is FAILED for `reason`. Requires: it is PENDING or PAUSED.
void CountFailedAttempt(EngineState& state, Job& job, Trial& trial, absl::string_view reason);

// One of the deaths that a live trial counts was none. It need not run alone any more if that was
// the only one.
void TakeBackDeath(EngineState& state, Job& job, Trial& trial);

// The trial waits, PAUSED, until LetGo; a running one once its worker has handed it back.
void Hold(EngineState& state, Job& job, Trial& trial);
void LetGo(EngineState& state, Job& job, Trial& trial);

// PAUSED -> PENDING.
void Unpause(EngineState& state, Job& job, Trial& trial);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_TRIAL_LIFE_H_
