// Judges a job's values before anything is uploaded or started, by the coordinator's own rules, so
// that a person sees what is wrong with form and values at once. The coordinator judges again, with
// the data set.
//
// Threads: pure.
// Errors:  kInvalidArgument with a line a problem, as SubmitJob answers.
#ifndef CAVIAR_CLIENT_CLI_CHECK_JOB_H_
#define CAVIAR_CLIENT_CLI_CHECK_JOB_H_

#include "absl/status/status.h"
#include "caviar/v1/job.pb.h"

namespace caviar::cli {

// `spec` may still have `data`, and need not name a data set.
absl::Status CheckJobValues(const v1::JobSpec& spec);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_CHECK_JOB_H_
