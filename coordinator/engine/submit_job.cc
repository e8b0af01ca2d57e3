#include <string>
#include <utility>

#include "common/status/status_macros.h"
#include "coordinator/engine/new_job.h"
#include "coordinator/engine/on_user_asked.h"
#include "coordinator/engine/warm_start.h"
#include "coordinator/search/expand_job.h"

namespace caviar::engine {

absl::StatusOr<Job*> SubmitJob(EngineState& state, const v1::SubmitJobRequest& request,
                               uint32_t random_seed) {
  const std::string digest = RequestDigest(request.spec());
  CAVIAR_ASSIGN_OR_RETURN(Job* const known, FindRequested(state, request.request_id(), digest));
  if (known != nullptr) return known;
  CAVIAR_RETURN_IF_ERROR(CheckRoomForJob(state));
  // A spec that names no data set is refused with all else that is wrong with it.
  v1::Dataset dataset;
  if (!request.spec().dataset().empty()) {
    CAVIAR_ASSIGN_OR_RETURN(const v1::Dataset* const found,
                            FindDataset(state, request.spec().dataset()));
    dataset = *found;
  }
  CAVIAR_ASSIGN_OR_RETURN(search::ExpandedJob expanded,
                          search::ExpandJob(request.spec(), dataset, random_seed));

  v1::JobRecord record;
  *record.mutable_spec() = std::move(expanded.spec);
  record.set_request_id(request.request_id());
  record.set_request_digest(digest);
  for (std::string& warning : expanded.warnings) record.add_warnings(std::move(warning));
  record.set_sampler_choice(std::move(expanded.sampler_choice));
  CAVIAR_RETURN_IF_ERROR(ResolveWarmStart(state, record));
  return StartJob(state, std::move(record), dataset);
}

}  // namespace caviar::engine
