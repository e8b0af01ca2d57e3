#include "client/cli/check_job.h"

#include <utility>

#include "common/status/status_macros.h"
#include "coordinator/search/expand_job.h"

namespace caviar::cli {

namespace {

absl::StatusOr<search::ExpandedJob> Judge(const v1::JobSpec& spec, const v1::Dataset& dataset) {
  v1::JobSpec as_submitted = spec;
  as_submitted.clear_data();
  // Which one it will be is decided by the upload, or by flags.
  if (as_submitted.dataset().empty()) as_submitted.set_dataset("dataset");
  return search::ExpandJob(as_submitted, dataset, 0);
}

}  // namespace

absl::Status CheckJobValues(const v1::JobSpec& spec) { return Judge(spec, {}).status(); }

absl::StatusOr<std::vector<std::string>> WarningsOf(const v1::JobSpec& spec,
                                                    const v1::Dataset& dataset) {
  CAVIAR_ASSIGN_OR_RETURN(search::ExpandedJob judged, Judge(spec, dataset));
  return std::move(judged.warnings);
}

}  // namespace caviar::cli
