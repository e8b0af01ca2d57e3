#include "coordinator/engine/new_job.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/digest/sha256.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/job_view.h"
#include "coordinator/engine/limits.h"
#include "coordinator/engine/step_changes.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace caviar::engine {

// Maps serialize in no particular order unless told to.
std::string RequestDigest(const google::protobuf::Message& request) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  return Sha256Hex(bytes);
}

absl::StatusOr<Job*> FindRequested(EngineState& state, const std::string& request_id,
                                   const std::string& digest) {
  if (request_id.size() > kRequestIdBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("request_id: at most ", kRequestIdBytesMax, " characters"));
  }
  if (request_id.empty()) return nullptr;
  const auto known = state.job_by_request.find(request_id);
  if (known == state.job_by_request.end()) return nullptr;
  Job* const job = state.FindJob(known->second);
  if (job->record.request_digest() == digest) return job;
  return absl::AlreadyExistsError(absl::StrCat("request_id \"", request_id, "\" belongs to job ",
                                               job->id(),
                                               ", which was submitted with another spec"));
}

absl::Status CheckRoomForJob(const EngineState& state) {
  if (state.live_jobs < kLiveJobsMax) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(kLiveJobsMax, " jobs are running; wait for one to end or cancel one"));
}

absl::StatusOr<const v1::Dataset*> FindDataset(const EngineState& state, absl::string_view name) {
  const auto found = state.datasets.find(name);
  if (found != state.datasets.end()) return &found->second.dataset();
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

absl::StatusOr<Job*> StartJob(EngineState& state, v1::JobRecord record,
                              const v1::Dataset& dataset) {
  record.set_id(state.record.next_job_id());
  record.set_state(v1::Job::RUNNING);
  record.set_submitted_trials(record.spec().budget().trials());
  record.set_dataset_digest(dataset.digest());
  record.set_features(dataset.preprocessing().features());
  record.set_classes(static_cast<uint32_t>(dataset.preprocessing().classes_size()));
  *record.mutable_created_at() = TimestampOf(state.now);

  auto started = std::make_unique<Job>(std::move(record));
  CAVIAR_RETURN_IF_ERROR(StartSearch(state, *started));
  Job& job = InsertJob(state, std::move(started));
  state.record.set_next_job_id(job.id() + 1);
  state.step.engine_record = true;
  TouchJobRecord(state, job);
  return &job;
}

}  // namespace caviar::engine
