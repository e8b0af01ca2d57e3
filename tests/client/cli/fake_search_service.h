// A SearchService with answers from a test, on a real loopback socket.
//
// Threads: the answers are set before the call that needs them; requests are read after it.
#ifndef CAVIAR_TESTS_CLIENT_CLI_FAKE_SEARCH_SERVICE_H_
#define CAVIAR_TESTS_CLIENT_CLI_FAKE_SEARCH_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "caviar/v1/search_service.grpc.pb.h"

namespace caviar::cli {

class FakeSearchService : public v1::SearchService::Service {
 public:
  FakeSearchService();  // listens
  ~FakeSearchService() override;

  const std::string& address() const { return address_; }

  // All calls fail with this while it is not OK.
  grpc::Status failure;
  // The next this many calls answer UNAVAILABLE.
  int hiccups = 0;

  v1::Job job;
  std::vector<v1::Trial> trials;                  // pages of two
  std::vector<v1::LeaderboardEntry> leaderboard;  // pages of two
  v1::TestResult test;                            // absent while it has no accuracy
  v1::Importance importance;                      // its method as asked
  v1::Rerun rerun;
  v1::Replay replay;
  std::vector<v1::JobUpdate> updates;                                 // cursor = index + 1
  int updates_a_stream = 1000;                                        // then the stream breaks …
  grpc::StatusCode broken_by = grpc::StatusCode::RESOURCE_EXHAUSTED;  // … with this
  std::function<void()> before_watch;  // if set, called before a stream begins
  std::function<void()> on_watch;      // if set, the stream then lasts until cancelled
  std::function<void()> on_upload;     // if set, the upload then lasts until cancelled
  v1::ListWorkersResponse workers;     // one that is connected
  std::string model_bytes;
  std::string model_digest;

  std::vector<v1::SubmitJobRequest> submits;
  std::vector<v1::AddTrialsRequest> additions;  // answered with pending trials from 1 on
  std::vector<v1::RerunJobRequest> reruns;
  std::vector<v1::AdjustTrialRequest> adjusts;
  std::vector<std::string> watch_cursors;
  std::vector<std::string> calls;  // "PauseJob letters" …
  v1::CreateDatasetRequest::Start dataset_start;
  bool is_dataset_complete = false;
  std::vector<std::pair<std::string, std::string>> dataset_files;  // role and name, bytes

  grpc::Status SubmitJob(grpc::ServerContext*, const v1::SubmitJobRequest*, v1::Job*) override;
  grpc::Status GetJob(grpc::ServerContext*, const v1::GetJobRequest*, v1::Job*) override;
  grpc::Status ListJobs(grpc::ServerContext*, const v1::ListJobsRequest*,
                        v1::ListJobsResponse*) override;
  grpc::Status PauseJob(grpc::ServerContext*, const v1::PauseJobRequest*, v1::Job*) override;
  grpc::Status ExtendJob(grpc::ServerContext*, const v1::ExtendJobRequest*, v1::Job*) override;
  grpc::Status AddTrials(grpc::ServerContext*, const v1::AddTrialsRequest*,
                         v1::AddTrialsResponse*) override;
  grpc::Status CancelJob(grpc::ServerContext*, const v1::CancelJobRequest*, v1::Job*) override;
  grpc::Status DeleteJob(grpc::ServerContext*, const v1::DeleteJobRequest*,
                         v1::DeleteJobResponse*) override;
  grpc::Status AdjustTrial(grpc::ServerContext*, const v1::AdjustTrialRequest*,
                           v1::Trial*) override;
  grpc::Status WatchJob(grpc::ServerContext*, const v1::WatchJobRequest*,
                        grpc::ServerWriter<v1::JobUpdate>*) override;
  grpc::Status ListTrials(grpc::ServerContext*, const v1::ListTrialsRequest*,
                          v1::ListTrialsResponse*) override;
  grpc::Status GetLeaderboard(grpc::ServerContext*, const v1::GetLeaderboardRequest*,
                              v1::Leaderboard*) override;
  grpc::Status GetImportance(grpc::ServerContext*, const v1::GetImportanceRequest*,
                             v1::Importance*) override;
  grpc::Status RerunJob(grpc::ServerContext*, const v1::RerunJobRequest*, v1::Job*) override;
  grpc::Status GetRerun(grpc::ServerContext*, const v1::GetRerunRequest*, v1::Rerun*) override;
  grpc::Status ReplayJob(grpc::ServerContext*, const v1::ReplayJobRequest*, v1::Replay*) override;
  grpc::Status GetModel(grpc::ServerContext*, const v1::GetModelRequest*,
                        grpc::ServerWriter<v1::ModelChunk>*) override;
  grpc::Status ListWorkers(grpc::ServerContext*, const v1::ListWorkersRequest*,
                           v1::ListWorkersResponse*) override;
  grpc::Status CreateDataset(grpc::ServerContext*, grpc::ServerReader<v1::CreateDatasetRequest>*,
                             v1::Dataset*) override;

 private:
  grpc::Status Check(const std::string& call);

  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace caviar::cli

#endif  // CAVIAR_TESTS_CLIENT_CLI_FAKE_SEARCH_SERVICE_H_
