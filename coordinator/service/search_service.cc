#include "coordinator/service/search_service.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "caviar/v1/search_service.grpc.pb.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/completed_trials.h"
#include "coordinator/engine/importance_answer.h"
#include "coordinator/engine/job_copy.h"
#include "coordinator/engine/queries.h"
#include "coordinator/engine/replay.h"
#include "coordinator/engine/rerun_answer.h"
#include "coordinator/service/analysis_call.h"
#include "coordinator/service/artifact_download.h"
#include "coordinator/service/curve_messages.h"
#include "coordinator/service/dataset_upload.h"
#include "coordinator/service/random_number.h"
#include "coordinator/service/unary_call.h"
#include "coordinator/service/watch_stream.h"

namespace caviar::service {
namespace {

using View = driver::Driver::View;
using Context = grpc::CallbackServerContext;

// Epochs in a page of GetCurve, as the proto says: ~1 ms on the driver's thread.
constexpr size_t kCurvePageMax = 1000;
// A page ends with the row that goes beyond this, so that clients take it with gRPC's usual bound
// of 4 MiB: a row of 64 metrics is up to 5 KiB.
constexpr size_t kCurvePageBytesMax = 1 << 20;

// What an answer copies at a time, each about a millisecond on the driver's thread: points of ten
// parameters, or whole records.
constexpr size_t kPointsAPart = 1000;
constexpr size_t kRecordsAPart = 300;

// A deletion is answered by an empty message.
template <typename Response>
absl::StatusOr<Response> ToResponse(Answer answer) {
  if (!answer.ok()) return answer.status();
  if constexpr (std::is_same_v<Response, v1::Job> ||
                std::is_same_v<Response, v1::AddTrialsResponse> ||
                std::is_same_v<Response, v1::Trial>) {
    CAVIAR_CHECK(std::holds_alternative<Response>(*answer));
    return std::get<Response>(*std::move(answer));
  } else {
    CAVIAR_CHECK(std::holds_alternative<std::monostate>(*answer));
    return Response();
  }
}

// One page. Tokens are the last epoch of the page before, in decimal.
absl::StatusOr<v1::Curve> ReadCurve(const View& view, const v1::GetCurveRequest& request) {
  v1::GetTrialRequest get_trial;
  get_trial.set_job(request.job());
  get_trial.set_trial(request.trial());
  CAVIAR_ASSIGN_OR_RETURN(const v1::Trial trial, engine::GetTrial(view.state, get_trial));
  CAVIAR_ASSIGN_OR_RETURN(const uint32_t job, engine::ResolveJob(view.state, request.job()));
  uint32_t after = 0;
  if (!request.page_token().empty() && !absl::SimpleAtoi(request.page_token(), &after)) {
    return absl::InvalidArgumentError(absl::StrCat("page_token: \"", request.page_token(),
                                                   "\" is not one that this method gave"));
  }
  if (request.page_size() < 0) {
    return absl::InvalidArgumentError("page_size: must not be negative");
  }
  const size_t size = request.page_size() == 0
                          ? kCurvePageMax
                          : std::min(static_cast<size_t>(request.page_size()), kCurvePageMax);
  // One more shows whether there is another page.
  CAVIAR_ASSIGN_OR_RETURN(const std::vector<v1::CurveRecord> rows,
                          view.store.ReadCurve(job, request.trial(), after, size + 1));
  v1::Curve curve;
  curve.set_trial(request.trial());
  *curve.mutable_adjustments() = trial.adjustments();
  size_t bytes = 0;
  for (const v1::CurveRecord& row : rows) {
    const size_t count = static_cast<size_t>(curve.measurements_size());
    if (count == size || bytes > kCurvePageBytesMax) {
      curve.set_next_page_token(absl::StrCat(curve.measurements().rbegin()->epoch()));
      break;
    }
    v1::Measurement& measurement = *curve.add_measurements();
    measurement = ToMeasurement(row);
    bytes += measurement.ByteSizeLong();
  }
  return curve;
}

class SearchService final : public v1::SearchService::CallbackService {
 public:
  explicit SearchService(const ServiceParts& parts) : parts_(parts) {}

  // --- Changes: posted to the engine, answered by its reply. ---

  grpc::ServerUnaryReactor* SubmitJob(Context*, const v1::SubmitJobRequest* request,
                                      v1::Job* response) override {
    return Change(*request, response);
  }
  grpc::ServerUnaryReactor* PauseJob(Context*, const v1::PauseJobRequest* request,
                                     v1::Job* response) override {
    return Change(*request, response);
  }
  grpc::ServerUnaryReactor* ResumeJob(Context*, const v1::ResumeJobRequest* request,
                                      v1::Job* response) override {
    return Change(*request, response);
  }
  grpc::ServerUnaryReactor* ExtendJob(Context*, const v1::ExtendJobRequest* request,
                                      v1::Job* response) override {
    return Change(*request, response);
  }
  grpc::ServerUnaryReactor* AddTrials(Context*, const v1::AddTrialsRequest* request,
                                      v1::AddTrialsResponse* response) override {
    return Change(*request, response);
  }
  grpc::ServerUnaryReactor* RerunJob(Context*, const v1::RerunJobRequest* request,
                                     v1::Job* response) override {
    return Change(*request, response);
  }
  grpc::ServerUnaryReactor* CancelJob(Context*, const v1::CancelJobRequest* request,
                                      v1::Job* response) override {
    return Change(*request, response);
  }
  grpc::ServerUnaryReactor* DeleteJob(Context*, const v1::DeleteJobRequest* request,
                                      v1::DeleteJobResponse* response) override {
    return Change(*request, response);
  }
  grpc::ServerUnaryReactor* AdjustTrial(Context*, const v1::AdjustTrialRequest* request,
                                        v1::Trial* response) override {
    return Change(*request, response);
  }
  grpc::ServerUnaryReactor* DeleteDataset(Context*, const v1::DeleteDatasetRequest* request,
                                          v1::DeleteDatasetResponse* response) override {
    return Change(*request, response);
  }

  // --- Questions: asked between two steps of the engine. ---

  grpc::ServerUnaryReactor* GetJob(Context*, const v1::GetJobRequest* request,
                                   v1::Job* response) override {
    return Ask(*request, response, [request = *request](const View& view) {
      return engine::GetJob(view.state, request.job());
    });
  }
  grpc::ServerUnaryReactor* ListJobs(Context*, const v1::ListJobsRequest* request,
                                     v1::ListJobsResponse* response) override {
    return Ask(*request, response, [request = *request](const View& view) {
      return engine::ListJobs(view.state, request);
    });
  }
  grpc::ServerUnaryReactor* ListTrials(Context*, const v1::ListTrialsRequest* request,
                                       v1::ListTrialsResponse* response) override {
    return Ask(*request, response, [request = *request](const View& view) {
      return engine::ListTrials(view.state, request);
    });
  }
  grpc::ServerUnaryReactor* GetTrial(Context*, const v1::GetTrialRequest* request,
                                     v1::Trial* response) override {
    return Ask(*request, response, [request = *request](const View& view) {
      return engine::GetTrial(view.state, request);
    });
  }
  grpc::ServerUnaryReactor* GetCurve(Context*, const v1::GetCurveRequest* request,
                                     v1::Curve* response) override {
    return Ask(*request, response,
               [request = *request](const View& view) { return ReadCurve(view, request); });
  }
  grpc::ServerUnaryReactor* GetLeaderboard(Context*, const v1::GetLeaderboardRequest* request,
                                           v1::Leaderboard* response) override {
    return Ask(*request, response, [request = *request](const View& view) {
      return engine::GetLeaderboard(view.state, request);
    });
  }
  grpc::ServerUnaryReactor* GetImportance(Context*, const v1::GetImportanceRequest* request,
                                          v1::Importance* response) override {
    return AnalysisCall<v1::Importance, engine::CompletedTrials>::Start(
        parts_, request->job(), kPointsAPart, response,
        [method = request->method()](const engine::CompletedTrials& trials,
                                     const std::function<bool()>&) {
          return engine::ImportanceAnswer(trials, method);
        });
  }
  grpc::ServerUnaryReactor* GetRerun(Context*, const v1::GetRerunRequest* request,
                                     v1::Rerun* response) override {
    return Ask(*request, response, [request = *request](const View& view) {
      return engine::GetRerun(view.state, request);
    });
  }
  grpc::ServerUnaryReactor* ReplayJob(Context*, const v1::ReplayJobRequest* request,
                                      v1::Replay* response) override {
    return AnalysisCall<v1::Replay, engine::JobCopy>::Start(
        parts_, request->job(), kRecordsAPart, response,
        [](const engine::JobCopy& copy, const std::function<bool()>& is_cancelled) {
          return engine::ReplayJob(copy.job(), copy.trials(), copy.through_sequence(),
                                   copy.priors(), is_cancelled);
        });
  }
  grpc::ServerUnaryReactor* ListWorkers(Context*, const v1::ListWorkersRequest*,
                                        v1::ListWorkersResponse* response) override {
    return Ask(v1::ListWorkersRequest(), response,
               [](const View& view) { return engine::ListWorkers(view.state); });
  }
  grpc::ServerUnaryReactor* ListDatasets(Context*, const v1::ListDatasetsRequest* request,
                                         v1::ListDatasetsResponse* response) override {
    return Ask(*request, response, [request = *request](const View& view) {
      return engine::ListDatasets(view.state, request);
    });
  }
  grpc::ServerUnaryReactor* GetDataset(Context*, const v1::GetDatasetRequest* request,
                                       v1::Dataset* response) override {
    return Ask(*request, response, [request = *request](const View& view) {
      return engine::GetDataset(view.state, request.name());
    });
  }

  // --- Streams. ---

  grpc::ServerWriteReactor<v1::JobUpdate>* WatchJob(Context*,
                                                    const v1::WatchJobRequest* request) override {
    return WatchStream::Start(parts_, *request);
  }

  grpc::ServerWriteReactor<v1::ModelChunk>* GetModel(Context*,
                                                     const v1::GetModelRequest* request) override {
    const auto download = ArtifactDownload<v1::ModelChunk>::Start(parts_);
    const absl::Status asked = parts_.driver.Read([download, request = *request](const View& view) {
      const absl::StatusOr<engine::ModelLocation> model = engine::FindModel(view.state, request);
      if (!model.ok()) return download->Fail(model.status());
      v1::ModelChunk first;
      first.set_trial(model->trial);
      first.set_digest(model->digest);
      download->Begin(model->digest, /*offset=*/0, std::move(first));
    });
    if (!asked.ok()) download->Fail(asked);
    return download.get();
  }

  grpc::ServerReadReactor<v1::CreateDatasetRequest>* CreateDataset(Context*,
                                                                   v1::Dataset* response) override {
    return DatasetUpload::Start(parts_, response);
  }

 private:
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Change(const Request& request, Response* response) {
    const auto call = UnaryCall<Response>::Start(parts_.calls, response);
    const engine::RequestId id = parts_.router.replies().Expect(
        [call](Answer answer) { call->Answer(ToResponse<Response>(std::move(answer))); });
    const absl::Status posted = parts_.driver.Post(engine::UserAsked{id, RandomNumber(), request});
    if (!posted.ok()) {
      parts_.router.replies().Forget(id);
      call->Answer(posted);
    }
    return call.get();
  }

  // `question` runs on the driver's thread and yields a Response or StatusOr of it.
  template <typename Request, typename Response, typename Question>
  grpc::ServerUnaryReactor* Ask(const Request& request, Response* response, Question question) {
    const auto call = UnaryCall<Response>::Start(parts_.calls, response);
    const absl::Status asked = parts_.driver.Read(
        [call, question = std::move(question), &delivery = parts_.delivery](const View& view) {
          delivery.Run([call, answer = absl::StatusOr<Response>(question(view))]() mutable {
            call->Answer(std::move(answer));
          });
        },
        request.ByteSizeLong());
    if (!asked.ok()) call->Answer(asked);
    return call.get();
  }

  const ServiceParts parts_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeSearchService(const ServiceParts& parts) {
  return std::make_unique<SearchService>(parts);
}

}  // namespace caviar::service
