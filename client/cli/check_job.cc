#include "client/cli/check_job.h"

#include "coordinator/search/expand_job.h"

namespace caviar::cli {

absl::Status CheckJobValues(const v1::JobSpec& spec) {
  v1::JobSpec as_submitted = spec;
  as_submitted.clear_data();
  // Which one it will be is decided by the upload, or by flags.
  if (as_submitted.dataset().empty()) as_submitted.set_dataset("dataset");
  return search::ExpandJob(as_submitted, v1::Dataset(), 0).status();
}

}  // namespace caviar::cli
