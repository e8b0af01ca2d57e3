#include "client/cli/search_client.h"

#include <sys/random.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cli/rpc_calls.h"
#include "common/status/check.h"

namespace caviar::cli {
namespace {

using Stub = v1::SearchService::Stub;

constexpr int kPageSize = 1000;

// A random UUID (version 4).
std::string NewRequestId() {
  uint8_t bytes[16];
  CAVIAR_CHECK(getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes));
  bytes[6] = (bytes[6] & 0x0F) | 0x40;
  bytes[8] = (bytes[8] & 0x3F) | 0x80;
  std::string id = absl::BytesToHexString({reinterpret_cast<const char*>(bytes), sizeof(bytes)});
  for (const size_t at : {20, 16, 12, 8}) id.insert(at, 1, '-');
  return id;
}

template <typename Request>
Request ForJob(absl::string_view job) {
  Request request;
  request.set_job(std::string(job));
  return request;
}

}  // namespace

SearchClient::SearchClient(const Options& options)
    : options_(options), calls_(std::make_unique<Calls>(options.address)) {}

SearchClient::~SearchClient() = default;

void SearchClient::Cancel() { calls_->Cancel(); }
void SearchClient::Close() { calls_->Close(); }

absl::StatusOr<v1::Job> SearchClient::SubmitJob(const v1::JobSpec& spec) {
  v1::SubmitJobRequest request;
  *request.mutable_spec() = spec;
  request.set_request_id(NewRequestId());
  return calls_->Unary(&Stub::SubmitJob, request);
}

absl::StatusOr<v1::Job> SearchClient::GetJob(absl::string_view job) {
  return calls_->Unary(&Stub::GetJob, ForJob<v1::GetJobRequest>(job));
}

absl::StatusOr<v1::ListJobsResponse> SearchClient::ListJobs() {
  v1::ListJobsResponse all;
  v1::ListJobsRequest request;
  request.set_page_size(kPageSize);
  do {
    CAVIAR_ASSIGN_OR_RETURN(const v1::ListJobsResponse page,
                            calls_->Unary(&Stub::ListJobs, request));
    all.mutable_jobs()->MergeFrom(page.jobs());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

absl::StatusOr<v1::Job> SearchClient::PauseJob(absl::string_view job) {
  return calls_->Unary(&Stub::PauseJob, ForJob<v1::PauseJobRequest>(job));
}

absl::StatusOr<v1::Job> SearchClient::ResumeJob(absl::string_view job) {
  return calls_->Unary(&Stub::ResumeJob, ForJob<v1::ResumeJobRequest>(job));
}

absl::StatusOr<v1::Job> SearchClient::ExtendJob(absl::string_view job, int trials) {
  auto request = ForJob<v1::ExtendJobRequest>(job);
  request.set_trials(trials);
  request.set_request_id(NewRequestId());
  return calls_->Unary(&Stub::ExtendJob, request);
}

absl::StatusOr<v1::AddTrialsResponse> SearchClient::AddTrials(v1::AddTrialsRequest request) {
  request.set_request_id(NewRequestId());
  return calls_->Unary(&Stub::AddTrials, request);
}

absl::StatusOr<v1::Job> SearchClient::CancelJob(absl::string_view job) {
  return calls_->Unary(&Stub::CancelJob, ForJob<v1::CancelJobRequest>(job));
}

absl::Status SearchClient::DeleteJob(absl::string_view job) {
  // Repeated, it would report its own success as NOT_FOUND.
  return calls_->Unary(&Stub::DeleteJob, ForJob<v1::DeleteJobRequest>(job), false).status();
}

absl::Status SearchClient::WatchJob(
    const v1::WatchJobRequest& first_request,
    const std::function<absl::Status(const v1::JobUpdate&)>& on_update,
    const std::function<void(Link)>& on_link) {
  v1::WatchJobRequest request = first_request;
  bool has_begun = false;
  bool is_lost = false;
  BackOff back_off(Calls::kFirstPause, Calls::kLongestPause);
  auto last_news = std::chrono::steady_clock::now();
  for (int attempt = 1;; ++attempt) {
    absl::Status status;
    if (is_lost) {
      // A stream that opens says nothing before its first update, which may be long in coming.
      status =
          calls_->Unary(&Stub::GetJob, ForJob<v1::GetJobRequest>(request.job()), false).status();
      if (status.ok()) {
        is_lost = false;
        last_news = std::chrono::steady_clock::now();
        on_link(Link::kBack);
      }
    }
    if (status.ok()) {
      Calls::Context context(*calls_);
      const auto reader = calls_->stub().WatchJob(context.get(), request);
      v1::JobUpdate update;
      while (status.ok() && reader->Read(&update)) {
        status = on_update(update);
        request.set_cursor(update.cursor());
        has_begun = true;
        attempt = 1;
        back_off = BackOff(Calls::kFirstPause, Calls::kLongestPause);
        last_news = std::chrono::steady_clock::now();
      }
      if (!status.ok()) {
        context.get()->TryCancel();
        reader->Finish();
        return status;
      }
      status = calls_->ToStatus(reader->Finish());
    }
    // RESOURCE_EXHAUSTED: this reader was too slow and goes on from where it was.
    const bool may_return =
        absl::IsUnavailable(status) || (absl::IsResourceExhausted(status) && has_begun);
    if (!may_return) return status;
    if (absl::IsUnavailable(status) && has_begun && !is_lost) {
      is_lost = true;
      on_link(Link::kLost);
    }
    const auto silence = absl::FromChrono(std::chrono::steady_clock::now() - last_news);
    const bool is_over =
        has_begun ? silence > options_.watch_patience : attempt >= Calls::kAttemptsMax;
    if (is_over || !calls_->Sleep(back_off.Next())) {
      return calls_->is_cancelled() ? absl::CancelledError("interrupted") : status;
    }
  }
}

absl::StatusOr<v1::Trial> SearchClient::AdjustTrial(const v1::AdjustTrialRequest& request) {
  return calls_->Unary(&Stub::AdjustTrial, request);
}

absl::StatusOr<v1::ListTrialsResponse> SearchClient::ListTrials(v1::ListTrialsRequest request) {
  v1::ListTrialsResponse all;
  request.set_page_size(kPageSize);
  request.clear_page_token();
  do {
    CAVIAR_ASSIGN_OR_RETURN(const v1::ListTrialsResponse page,
                            calls_->Unary(&Stub::ListTrials, request));
    all.mutable_trials()->MergeFrom(page.trials());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

absl::StatusOr<v1::Curve> SearchClient::GetCurve(absl::string_view job, uint32_t trial) {
  auto request = ForJob<v1::GetCurveRequest>(job);
  request.set_trial(trial);
  v1::Curve all;
  all.set_trial(trial);
  do {
    CAVIAR_ASSIGN_OR_RETURN(const v1::Curve page, calls_->Unary(&Stub::GetCurve, request));
    all.mutable_measurements()->MergeFrom(page.measurements());
    *all.mutable_adjustments() = page.adjustments();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

absl::StatusOr<v1::Leaderboard> SearchClient::GetLeaderboard(v1::GetLeaderboardRequest request,
                                                             int entries_max) {
  v1::Leaderboard all;
  request.clear_page_token();
  do {
    const int missing = entries_max - all.entries_size();
    request.set_page_size(entries_max == 0 ? kPageSize : std::min(kPageSize, missing));
    CAVIAR_ASSIGN_OR_RETURN(v1::Leaderboard page, calls_->Unary(&Stub::GetLeaderboard, request));
    request.set_page_token(page.next_page_token());
    // The first page's job and test result: one moment for all that is not an entry.
    if (all.has_job()) {
      all.mutable_entries()->MergeFrom(page.entries());
      all.set_next_page_token(page.next_page_token());
    } else {
      all = std::move(page);
    }
  } while (!request.page_token().empty() && (entries_max == 0 || all.entries_size() < entries_max));
  return all;
}

absl::StatusOr<v1::Importance> SearchClient::GetImportance(
    absl::string_view job, v1::GetImportanceRequest::Method method) {
  auto request = ForJob<v1::GetImportanceRequest>(job);
  request.set_method(method);
  return calls_->Unary(&Stub::GetImportance, request);
}

absl::StatusOr<v1::Replay> SearchClient::ReplayJob(absl::string_view job) {
  return calls_->Unary(&Stub::ReplayJob, ForJob<v1::ReplayJobRequest>(job), true,
                       std::chrono::hours(1));
}

absl::StatusOr<v1::Job> SearchClient::RerunJob(v1::RerunJobRequest request) {
  request.set_request_id(NewRequestId());
  return calls_->Unary(&Stub::RerunJob, request);
}

absl::StatusOr<v1::Rerun> SearchClient::GetRerun(absl::string_view job) {
  return calls_->Unary(&Stub::GetRerun, ForJob<v1::GetRerunRequest>(job));
}

absl::StatusOr<v1::ListWorkersResponse> SearchClient::ListWorkers() {
  return calls_->Unary(&Stub::ListWorkers, v1::ListWorkersRequest());
}

absl::StatusOr<v1::ListDatasetsResponse> SearchClient::ListDatasets() {
  v1::ListDatasetsRequest request;
  request.set_page_size(kPageSize);
  v1::ListDatasetsResponse all;
  do {
    CAVIAR_ASSIGN_OR_RETURN(const v1::ListDatasetsResponse page,
                            calls_->Unary(&Stub::ListDatasets, request));
    all.mutable_datasets()->MergeFrom(page.datasets());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

absl::StatusOr<v1::Dataset> SearchClient::GetDataset(absl::string_view name) {
  v1::GetDatasetRequest request;
  request.set_name(std::string(name));
  return calls_->Unary(&Stub::GetDataset, request);
}

absl::Status SearchClient::DeleteDataset(absl::string_view name) {
  v1::DeleteDatasetRequest request;
  request.set_name(std::string(name));
  return calls_->Unary(&Stub::DeleteDataset, request, false).status();
}

}  // namespace caviar::cli
