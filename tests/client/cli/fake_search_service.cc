#include "tests/client/cli/fake_search_service.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/rpc/server_options.h"
#include "common/status/check.h"

namespace caviar::cli {
namespace {

constexpr size_t kPage = 2;

// The elements of the page that `token` (an index) names, and the next token.
template <typename Element, typename Add>
std::string AddPage(const std::vector<Element>& all, const std::string& token, int page_size,
                    Add add) {
  const size_t begin = token.empty() ? 0 : std::stoul(token);
  const size_t end = std::min({all.size(), begin + kPage, begin + static_cast<size_t>(page_size)});
  for (size_t i = begin; i < end; ++i) *add() = all[i];
  return end == all.size() ? "" : absl::StrCat(end);
}

}  // namespace

FakeSearchService::FakeSearchService() {
  workers.add_workers()->set_state(v1::Worker::CONNECTED);
  int port = 0;
  grpc::ServerBuilder builder;
  ApplyServerOptions(builder);
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  CAVIAR_CHECK(server_ != nullptr);
  address_ = absl::StrCat("127.0.0.1:", port);
}

FakeSearchService::~FakeSearchService() {
  server_->Shutdown();
  server_->Wait();
}

grpc::Status FakeSearchService::Check(const std::string& call) {
  calls.push_back(call);
  if (hiccups > 0) {
    --hiccups;
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "starting");
  }
  return failure;
}

grpc::Status FakeSearchService::SubmitJob(grpc::ServerContext*, const v1::SubmitJobRequest* request,
                                          v1::Job* answer) {
  submits.push_back(*request);
  *answer = job;
  *answer->mutable_spec() = request->spec();
  return Check("SubmitJob");
}

grpc::Status FakeSearchService::GetJob(grpc::ServerContext*, const v1::GetJobRequest* request,
                                       v1::Job* answer) {
  *answer = job;
  return Check(absl::StrCat("GetJob ", request->job()));
}

grpc::Status FakeSearchService::ListJobs(grpc::ServerContext*, const v1::ListJobsRequest*,
                                         v1::ListJobsResponse* answer) {
  *answer->add_jobs() = job;
  return Check("ListJobs");
}

grpc::Status FakeSearchService::PauseJob(grpc::ServerContext*, const v1::PauseJobRequest* request,
                                         v1::Job* answer) {
  *answer = job;
  return Check(absl::StrCat("PauseJob ", request->job()));
}

grpc::Status FakeSearchService::ExtendJob(grpc::ServerContext*, const v1::ExtendJobRequest* request,
                                          v1::Job* answer) {
  *answer = job;
  return Check(absl::StrCat("ExtendJob ", request->job(), " ", request->trials()));
}

grpc::Status FakeSearchService::AddTrials(grpc::ServerContext*, const v1::AddTrialsRequest* request,
                                          v1::AddTrialsResponse* answer) {
  additions.push_back(*request);
  for (const auto& point : request->points()) {
    v1::Trial& trial = *answer->add_trials();
    trial.set_number(static_cast<uint32_t>(answer->trials_size()));
    trial.set_state(v1::Trial::PENDING);
    *trial.mutable_point() = point;
  }
  return Check(absl::StrCat("AddTrials ", request->job()));
}

grpc::Status FakeSearchService::CancelJob(grpc::ServerContext*, const v1::CancelJobRequest* request,
                                          v1::Job* answer) {
  *answer = job;
  return Check(absl::StrCat("CancelJob ", request->job()));
}

grpc::Status FakeSearchService::DeleteJob(grpc::ServerContext*, const v1::DeleteJobRequest* request,
                                          v1::DeleteJobResponse*) {
  return Check(absl::StrCat("DeleteJob ", request->job()));
}

grpc::Status FakeSearchService::AdjustTrial(grpc::ServerContext*,
                                            const v1::AdjustTrialRequest* request,
                                            v1::Trial* answer) {
  adjusts.push_back(*request);
  if (!trials.empty()) *answer = trials[0];
  return Check(absl::StrCat("AdjustTrial ", request->job(), " ", request->trial()));
}

grpc::Status FakeSearchService::WatchJob(grpc::ServerContext* context,
                                         const v1::WatchJobRequest* request,
                                         grpc::ServerWriter<v1::JobUpdate>* writer) {
  if (before_watch) before_watch();
  watch_cursors.push_back(request->cursor());
  const grpc::Status status = Check(absl::StrCat("WatchJob ", request->job()));
  if (!status.ok()) return status;
  const size_t begin = request->cursor().empty() ? 0 : std::stoul(request->cursor());
  int sent = 0;
  for (size_t i = begin; i < updates.size(); ++i) {
    if (sent++ == updates_a_stream) {
      return grpc::Status(broken_by, "too slow");
    }
    v1::JobUpdate update = updates[i];
    update.set_cursor(absl::StrCat(i + 1));
    writer->Write(update);
  }
  if (on_watch) {
    on_watch();
    while (!context->IsCancelled()) std::this_thread::yield();
  }
  return grpc::Status::OK;
}

grpc::Status FakeSearchService::ListTrials(grpc::ServerContext*,
                                           const v1::ListTrialsRequest* request,
                                           v1::ListTrialsResponse* answer) {
  answer->set_next_page_token(AddPage(trials, request->page_token(), request->page_size(),
                                      [answer] { return answer->add_trials(); }));
  return Check(absl::StrCat("ListTrials ", request->filter()));
}

grpc::Status FakeSearchService::GetLeaderboard(grpc::ServerContext*,
                                               const v1::GetLeaderboardRequest* request,
                                               v1::Leaderboard* answer) {
  *answer->mutable_job() = job;
  if (test.accuracy() > 0) *answer->mutable_test() = test;
  answer->set_next_page_token(AddPage(leaderboard, request->page_token(), request->page_size(),
                                      [answer] { return answer->add_entries(); }));
  return Check(absl::StrCat("GetLeaderboard ", request->filter()));
}

grpc::Status FakeSearchService::GetImportance(grpc::ServerContext*,
                                              const v1::GetImportanceRequest* request,
                                              v1::Importance* answer) {
  *answer = importance;
  answer->set_method(request->method());
  return Check(absl::StrCat("GetImportance ", request->job()));
}

grpc::Status FakeSearchService::RerunJob(grpc::ServerContext*, const v1::RerunJobRequest* request,
                                         v1::Job* answer) {
  reruns.push_back(*request);
  *answer = job;
  return Check(absl::StrCat("RerunJob ", request->job()));
}

grpc::Status FakeSearchService::GetRerun(grpc::ServerContext*, const v1::GetRerunRequest* request,
                                         v1::Rerun* answer) {
  *answer = rerun;
  *answer->mutable_job() = job;
  return Check(absl::StrCat("GetRerun ", request->job()));
}

grpc::Status FakeSearchService::ReplayJob(grpc::ServerContext*, const v1::ReplayJobRequest* request,
                                          v1::Replay* answer) {
  *answer = replay;
  return Check(absl::StrCat("ReplayJob ", request->job()));
}

grpc::Status FakeSearchService::GetModel(grpc::ServerContext*, const v1::GetModelRequest*,
                                         grpc::ServerWriter<v1::ModelChunk>* writer) {
  const grpc::Status status = Check("GetModel");
  if (!status.ok()) return status;
  for (size_t at = 0; at < model_bytes.size(); at += 7) {
    v1::ModelChunk chunk;
    if (at == 0) {
      chunk.set_trial(5);
      chunk.set_digest(model_digest);
    }
    chunk.set_data(model_bytes.substr(at, 7));
    writer->Write(chunk);
  }
  return grpc::Status::OK;
}

grpc::Status FakeSearchService::ListWorkers(grpc::ServerContext*, const v1::ListWorkersRequest*,
                                            v1::ListWorkersResponse* answer) {
  *answer = workers;
  return Check("ListWorkers");
}

grpc::Status FakeSearchService::CreateDataset(grpc::ServerContext* context,
                                              grpc::ServerReader<v1::CreateDatasetRequest>* reader,
                                              v1::Dataset* answer) {
  v1::CreateDatasetRequest request;
  while (reader->Read(&request)) {
    if (request.has_start()) {
      dataset_start = request.start();
      continue;
    }
    if (request.has_end()) {
      is_dataset_complete = true;
      continue;
    }
    CAVIAR_CHECK(request.chunk().data().size() <= kChunkBytesMax);
    if (!request.chunk().file_name().empty()) {
      dataset_files.emplace_back(
          absl::StrCat(v1::CreateDatasetRequest::Role_Name(request.chunk().role()), " ",
                       request.chunk().file_name()),
          "");
    }
    dataset_files.back().second += request.chunk().data();
  }
  if (on_upload) {
    on_upload();
    while (!context->IsCancelled()) std::this_thread::yield();
  }
  answer->set_name(dataset_start.name().empty() ? "named-by-server" : dataset_start.name());
  answer->add_decisions("row 1 is a header");
  answer->add_warnings("column id looks like a row number");
  return Check("CreateDataset");
}

}  // namespace caviar::cli
