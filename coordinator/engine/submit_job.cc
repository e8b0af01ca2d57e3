#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/digest/sha256.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/job_view.h"
#include "coordinator/engine/limits.h"
#include "coordinator/engine/on_user_asked.h"
#include "coordinator/engine/step_changes.h"
#include "coordinator/engine/warm_start.h"
#include "coordinator/search/expand_job.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace caviar::engine {
namespace {

// Maps serialize in no particular order unless told to.
std::string DigestOf(const v1::JobSpec& spec) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    spec.SerializeToCodedStream(&coded);
  }
  return Sha256Hex(bytes);
}

absl::Status UnknownDataset(const EngineState& state, absl::string_view name) {
  constexpr size_t kShown = 20;
  std::vector<absl::string_view> known;
  for (const auto& [known_name, record] : state.datasets) {
    if (known.size() == kShown) break;
    known.push_back(known_name);
  }
  if (known.empty()) {
    return absl::NotFoundError(absl::StrCat("dataset: there is no data set \"", name,
                                            "\", nor any other; import one first"));
  }
  return absl::NotFoundError(absl::StrCat("dataset: there is no data set \"", name,
                                          "\"; known: ", absl::StrJoin(known, ", "),
                                          state.datasets.size() > kShown ? ", …" : ""));
}

}  // namespace

absl::StatusOr<Job*> SubmitJob(EngineState& state, const v1::SubmitJobRequest& request,
                               uint32_t random_seed) {
  const std::string& request_id = request.request_id();
  if (request_id.size() > kRequestIdBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("request_id: at most ", kRequestIdBytesMax, " characters"));
  }
  const std::string digest = DigestOf(request.spec());
  if (!request_id.empty()) {
    const auto known = state.job_by_request.find(request_id);
    if (known != state.job_by_request.end()) {
      Job* const job = state.FindJob(known->second);
      if (job->record.request_digest() == digest) return job;
      return absl::AlreadyExistsError(absl::StrCat("request_id \"", request_id,
                                                   "\" belongs to job ", job->id(),
                                                   ", which was submitted with another spec"));
    }
  }
  if (state.live_jobs >= kLiveJobsMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat(kLiveJobsMax, " jobs are running; wait for one to end or cancel one"));
  }
  // A spec that names no data set is refused with all else that is wrong with it.
  v1::Dataset dataset;
  if (!request.spec().dataset().empty()) {
    const auto known = state.datasets.find(request.spec().dataset());
    if (known == state.datasets.end()) return UnknownDataset(state, request.spec().dataset());
    dataset = known->second.dataset();
  }
  CAVIAR_ASSIGN_OR_RETURN(search::ExpandedJob expanded,
                          search::ExpandJob(request.spec(), dataset, random_seed));

  v1::JobRecord record;
  record.set_id(state.record.next_job_id());
  record.set_state(v1::Job::RUNNING);
  record.set_submitted_trials(expanded.spec.budget().trials());
  *record.mutable_spec() = std::move(expanded.spec);
  record.set_dataset_digest(dataset.digest());
  record.set_request_id(request_id);
  record.set_request_digest(digest);
  *record.mutable_created_at() = TimestampOf(state.now);
  for (std::string& warning : expanded.warnings) record.add_warnings(std::move(warning));
  record.set_sampler_choice(std::move(expanded.sampler_choice));

  CAVIAR_RETURN_IF_ERROR(ResolveWarmStart(state, record));

  auto started = std::make_unique<Job>(std::move(record));
  CAVIAR_RETURN_IF_ERROR(StartSearch(state, *started));
  Job& job = InsertJob(state, std::move(started));
  state.record.set_next_job_id(job.id() + 1);
  state.step.engine_record = true;
  TouchJobRecord(state, job);
  return &job;
}

}  // namespace caviar::engine
