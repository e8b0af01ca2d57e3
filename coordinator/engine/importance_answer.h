// The answer to GetImportance, computed from a copy of a job's trials and so on any thread.
//
// Threads:     a pure function.
// Errors:      kInvalidArgument for an unknown method; kFailedPrecondition where the trials do not
//              allow an answer (EvaluationsOf in search/importance.h), with the job in front.
// Determinism: a function of the trials; the forest is seeded with the job's seed.
#ifndef CAVIAR_COORDINATOR_ENGINE_IMPORTANCE_ANSWER_H_
#define CAVIAR_COORDINATOR_ENGINE_IMPORTANCE_ANSWER_H_

#include "absl/status/statusor.h"
#include "caviar/v1/search_service.pb.h"
#include "coordinator/engine/completed_trials.h"

namespace caviar::engine {

// Milliseconds by PED_ANOVA; by FANOVA some 0.3 s for 1,000 trials of 10 parameters, and bounded.
absl::StatusOr<v1::Importance> ImportanceAnswer(const CompletedTrials& trials,
                                                v1::GetImportanceRequest::Method method);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_IMPORTANCE_ANSWER_H_
