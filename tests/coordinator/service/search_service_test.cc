// What users call, over a real gRPC connection, against the real engine.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/service/fake_worker.h"
#include "tests/coordinator/service/test_coordinator.h"

namespace caviar::service {
namespace {

using Message = v1::CoordinatorMessage;

TEST(SearchServiceTest, FindsASubmittedJobByIdAndByName) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(2, 3);
  EXPECT_EQ(job.state(), v1::Job::RUNNING);
  EXPECT_EQ(job.spec().budget().trials(), 2);
  for (const std::string& name : {absl::StrCat(job.id()), job.name()}) {
    v1::GetJobRequest request;
    request.set_job(name);
    v1::Job found;
    ASSERT_TRUE(coordinator.search().GetJob(Context().get(), request, &found).ok()) << name;
    EXPECT_EQ(found.id(), job.id());
  }
}

TEST(SearchServiceTest, GivesTheSameJobToTheSameRequestId) {
  TestCoordinator coordinator;
  v1::SubmitJobRequest request;
  request.mutable_spec()->set_dataset(coordinator.AddDataset());
  request.set_request_id("once");
  v1::Job first, second;
  ASSERT_TRUE(coordinator.search().SubmitJob(Context().get(), request, &first).ok());
  ASSERT_TRUE(coordinator.search().SubmitJob(Context().get(), request, &second).ok());
  EXPECT_EQ(first.id(), second.id());
}

TEST(SearchServiceTest, AddsTrialsOnceWhateverIsRepeated) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(2, 3);
  v1::AddTrialsRequest request;
  request.set_job(job.name());
  request.set_request_id("once");
  request.add_points();
  for (int i = 0; i < 2; ++i) {
    v1::AddTrialsResponse added;
    const grpc::Status status = coordinator.search().AddTrials(Context().get(), request, &added);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_EQ(added.trials_size(), 1);
    EXPECT_EQ(added.trials(0).number(), 1u);
    EXPECT_EQ(added.trials(0).state(), v1::Trial::PENDING);
  }
  request.set_request_id("too many");
  request.add_points();
  v1::AddTrialsResponse none;
  EXPECT_EQ(coordinator.search().AddTrials(Context().get(), request, &none).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
}

TEST(SearchServiceTest, SaysWhatWasNotFound) {
  TestCoordinator coordinator;
  v1::GetJobRequest request;
  request.set_job("nothing");
  v1::Job job;
  const grpc::Status status = coordinator.search().GetJob(Context().get(), request, &job);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_NE(status.error_message().find("nothing"), std::string::npos);

  v1::CancelJobRequest cancel;
  cancel.set_job("nothing");
  EXPECT_EQ(coordinator.search().CancelJob(Context().get(), cancel, &job).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST(SearchServiceTest, AnswersEveryQuestionAboutAFinishedJob) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(2, 3);
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  for (int i = 0; i < 2; ++i) worker.Complete(worker.ReceiveKind(Message::kAssign).assign());
  const std::string id = absl::StrCat(job.id());
  v1::SearchService::StubInterface& search = coordinator.search();

  v1::GetLeaderboardRequest leaderboard_request;
  leaderboard_request.set_job(id);
  v1::Leaderboard leaderboard;
  ASSERT_TRUE(search.GetLeaderboard(Context().get(), leaderboard_request, &leaderboard).ok());
  ASSERT_EQ(leaderboard.entries_size(), 2);
  EXPECT_EQ(leaderboard.entries(0).rank(), 1u);
  EXPECT_DOUBLE_EQ(leaderboard.entries(0).value(), 1.0 - 0.5 / 3);

  v1::ListTrialsRequest trials_request;
  trials_request.set_job(id);
  v1::ListTrialsResponse trials;
  ASSERT_TRUE(search.ListTrials(Context().get(), trials_request, &trials).ok());
  EXPECT_EQ(trials.trials_size(), 2);

  v1::GetTrialRequest trial_request;
  trial_request.set_job(id);
  trial_request.set_trial(2);
  v1::Trial trial;
  ASSERT_TRUE(search.GetTrial(Context().get(), trial_request, &trial).ok());
  EXPECT_EQ(trial.state(), v1::Trial::COMPLETED);

  v1::GetCurveRequest curve_request;
  curve_request.set_job(id);
  curve_request.set_trial(2);
  v1::Curve curve;
  ASSERT_TRUE(search.GetCurve(Context().get(), curve_request, &curve).ok());
  ASSERT_EQ(curve.measurements_size(), 3);
  EXPECT_EQ(curve.measurements(2).epoch(), 3u);
  EXPECT_DOUBLE_EQ(curve.measurements(2).metrics().at("train_loss"), 1.0 / 3);

  curve_request.set_trial(3);
  EXPECT_EQ(search.GetCurve(Context().get(), curve_request, &curve).error_code(),
            grpc::StatusCode::NOT_FOUND);

  v1::ListJobsResponse jobs;
  ASSERT_TRUE(search.ListJobs(Context().get(), {}, &jobs).ok());
  EXPECT_EQ(jobs.jobs_size(), 1);

  v1::ListDatasetsResponse datasets;
  ASSERT_TRUE(search.ListDatasets(Context().get(), {}, &datasets).ok());
  EXPECT_EQ(datasets.datasets_size(), 1);
}

// A trial of one epoch with this validation accuracy.
void CompleteWith(FakeWorker& worker, const v1::Assign& assign, double value) {
  v1::WorkerMessage message;
  v1::MeasurementBatch& batch = *message.mutable_measurements();
  *batch.mutable_id() = assign.id();
  batch.set_sequence(1);
  batch.add_metrics("validation_accuracy");
  v1::MeasurementRow& row = *batch.add_rows();
  row.set_epoch(1);
  row.add_values(value);
  worker.Send(message);
  worker.SendFinished(assign.id(), 1);
  worker.ReceiveKind(Message::kFinishAck);
}

TEST(SearchServiceTest, TellsWhatMatteredOnceEnoughTrialsHaveCompleted) {
  TestCoordinator coordinator;
  v1::SearchService::StubInterface& search = coordinator.search();
  const v1::Job job = coordinator.Submit(12, 1);
  v1::GetImportanceRequest request;
  request.set_job(absl::StrCat(job.id()));
  v1::Importance importance;
  const grpc::Status early = search.GetImportance(Context().get(), request, &importance);
  EXPECT_EQ(early.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(early.error_message(),
            absl::StrCat("job ", job.id(),
                         ": importance needs at least 10 completed trials with a value, there are "
                         "0; ask again when more have completed"));

  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  for (int i = 0; i < 12; ++i) {
    CompleteWith(worker, worker.ReceiveKind(Message::kAssign).assign(), 0.05 * i);
  }
  for (const auto method :
       {v1::GetImportanceRequest::METHOD_UNSPECIFIED, v1::GetImportanceRequest::PED_ANOVA,
        v1::GetImportanceRequest::FANOVA}) {
    request.set_method(method);
    importance.Clear();
    ASSERT_TRUE(search.GetImportance(Context().get(), request, &importance).ok()) << method;
    const bool is_fanova = method == v1::GetImportanceRequest::FANOVA;
    EXPECT_EQ(importance.job(), job.id());
    EXPECT_EQ(importance.method(),
              is_fanova ? v1::GetImportanceRequest::FANOVA : v1::GetImportanceRequest::PED_ANOVA);
    EXPECT_EQ(importance.trials(), 12u);
    EXPECT_EQ(importance.parameters_size(), job.spec().space_size());
    EXPECT_EQ(importance.has_explained(), is_fanova);
    double sum = 0;
    for (const v1::ParameterImportance& parameter : importance.parameters()) {
      EXPECT_EQ(parameter.has_deviation(), is_fanova);
      sum += parameter.importance();
    }
    EXPECT_NEAR(sum, 1, 1e-9);
  }
}

TEST(SearchServiceTest, ReplaysAJobAndTrainsItsBestPointsAgain) {
  TestCoordinator coordinator;
  v1::SearchService::StubInterface& search = coordinator.search();
  const v1::Job job = coordinator.Submit(3, 1);
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  for (int i = 0; i < 3; ++i) {
    CompleteWith(worker, worker.ReceiveKind(Message::kAssign).assign(), 0.1 * i);
  }
  v1::ReplayJobRequest replay_request;
  replay_request.set_job(absl::StrCat(job.id()));
  v1::Replay replay;
  ASSERT_TRUE(search.ReplayJob(Context().get(), replay_request, &replay).ok());
  EXPECT_EQ(replay.job(), job.id());
  EXPECT_EQ(replay.points(), 3u);
  EXPECT_EQ(replay.difference(), "");

  v1::RerunJobRequest rerun_request;
  rerun_request.set_job(absl::StrCat(job.id()));
  rerun_request.set_kind(v1::Origin::REPEAT);
  rerun_request.set_top(1);
  rerun_request.set_seeds(2);
  v1::Job repeat;
  ASSERT_TRUE(search.RerunJob(Context().get(), rerun_request, &repeat).ok());
  EXPECT_EQ(repeat.origin().job(), job.id());
  EXPECT_EQ(repeat.origin().sources(0).trial(), 3u);
  for (int i = 0; i < 2; ++i) {
    CompleteWith(worker, worker.ReceiveKind(Message::kAssign).assign(), 0.5 + 0.1 * i);
  }
  v1::GetRerunRequest report_request;
  report_request.set_job(absl::StrCat(repeat.id()));
  v1::Rerun report;
  ASSERT_TRUE(search.GetRerun(Context().get(), report_request, &report).ok());
  EXPECT_EQ(report.job().state(), v1::Job::COMPLETED);
  EXPECT_NEAR(report.entries(0).value().mean(), 0.55, 1e-12);

  report_request.set_job(absl::StrCat(job.id()));
  EXPECT_EQ(search.GetRerun(Context().get(), report_request, &report).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
  replay_request.set_job("nothing");
  EXPECT_EQ(search.ReplayJob(Context().get(), replay_request, &replay).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST(SearchServiceTest, SaysWhatIsWrongWithAQuestionAboutImportance) {
  TestCoordinator coordinator;
  v1::GetImportanceRequest request;
  v1::Importance importance;
  request.set_job("nothing");
  grpc::Status status = coordinator.search().GetImportance(Context().get(), request, &importance);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_NE(status.error_message().find("nothing"), std::string::npos);

  request.set_job(absl::StrCat(coordinator.Submit(1, 1).id()));
  request.set_method(static_cast<v1::GetImportanceRequest::Method>(7));
  status = coordinator.search().GetImportance(Context().get(), request, &importance);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(status.error_message().find("FANOVA (2), not 7"), std::string::npos);
}

TEST(SearchServiceTest, GivesALongCurveInPages) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(1, 2500);
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  const v1::Assign assign = worker.ReceiveKind(Message::kAssign).assign();
  for (uint32_t i = 0; i < 5; ++i) worker.SendMeasurements(assign.id(), i + 1, 1 + 500 * i, 500);
  worker.SendFinished(assign.id(), 5);
  worker.ReceiveKind(Message::kFinishAck);

  v1::GetCurveRequest request;
  request.set_job(absl::StrCat(job.id()));
  request.set_trial(1);
  uint32_t epochs = 0;
  std::vector<int> pages;
  do {
    v1::Curve page;
    ASSERT_TRUE(coordinator.search().GetCurve(Context().get(), request, &page).ok());
    for (const v1::Measurement& row : page.measurements()) ASSERT_EQ(row.epoch(), ++epochs);
    pages.push_back(page.measurements_size());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, (std::vector<int>{1000, 1000, 500}));

  v1::Curve page;
  request.set_page_size(500);
  request.set_page_token("2000");
  ASSERT_TRUE(coordinator.search().GetCurve(Context().get(), request, &page).ok());
  EXPECT_EQ(page.measurements_size(), 500);
  EXPECT_EQ(page.next_page_token(), "");
  request.set_page_token("nonsense");
  EXPECT_EQ(coordinator.search().GetCurve(Context().get(), request, &page).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(SearchServiceTest, DeletesAJobThatHasEnded) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(1, 1);
  v1::DeleteJobRequest request;
  request.set_job(absl::StrCat(job.id()));
  v1::DeleteJobResponse response;
  EXPECT_EQ(coordinator.search().DeleteJob(Context().get(), request, &response).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
  v1::CancelJobRequest cancel;
  cancel.set_job(request.job());
  v1::Job cancelled;
  ASSERT_TRUE(coordinator.search().CancelJob(Context().get(), cancel, &cancelled).ok());
  EXPECT_TRUE(coordinator.search().DeleteJob(Context().get(), request, &response).ok());
  v1::GetJobRequest get;
  get.set_job(request.job());
  EXPECT_EQ(coordinator.search().GetJob(Context().get(), get, &cancelled).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace caviar::service
