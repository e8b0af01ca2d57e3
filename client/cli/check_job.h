// Judges a job's values before anything is uploaded or started, by the coordinator's own rules, so
// that a person sees what is wrong with form and values at once. The coordinator judges again, with
// the data set.
//
// Threads: pure.
// Errors:  kInvalidArgument with a line a problem, as SubmitJob answers.
#ifndef CAVIAR_CLIENT_CLI_CHECK_JOB_H_
#define CAVIAR_CLIENT_CLI_CHECK_JOB_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "caviar/v1/dataset.pb.h"
#include "caviar/v1/job.pb.h"

namespace caviar::cli {

// `spec` may still have `data`, and need not name a data set.
absl::Status CheckJobValues(const v1::JobSpec& spec);

// What its author will hardly have meant, a sentence each, as Job.warnings. An empty `dataset`
// leaves out what depends on its rows.
absl::StatusOr<std::vector<std::string>> WarningsOf(const v1::JobSpec& spec,
                                                    const v1::Dataset& dataset);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_CHECK_JOB_H_
