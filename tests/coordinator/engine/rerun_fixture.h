// An engine with a job that has ended, and what it takes to train its points again.
#ifndef CAVIAR_TESTS_COORDINATOR_ENGINE_RERUN_FIXTURE_H_
#define CAVIAR_TESTS_COORDINATOR_ENGINE_RERUN_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "coordinator/engine/rerun_answer.h"
#include "coordinator/engine/rerun_job.h"
#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {

class RerunJobTest : public ::testing::Test {
 protected:
  // What a trial is trained to, by its assignment.
  using ValueOf = std::function<double(const v1::Assign&)>;

  // Trains all that is handed out, one slot, to its end.
  void TrainAll(const ValueOf& value_of) {
    if (session_ == SessionId{}) session_ = harness_.Connect("w", 1);
    for (std::vector<v1::Assign> assigns = harness_.TakeAssigns(session_); !assigns.empty();
         assigns = harness_.TakeAssigns(session_)) {
      for (const v1::Assign& assign : assigns) {
        trained_.push_back(assign);
        harness_.Complete(session_, assign, value_of(assign));
      }
    }
  }
  // Job 1: trial n has the value n / 10; trial 4 is the best.
  void RunJob(const std::function<void(v1::JobSpec&)>& edit = [](v1::JobSpec&) {}) {
    v1::JobSpec spec = EngineHarness::Spec(4, 2);
    edit(spec);
    harness_.MustSubmit(spec);
    TrainAll([](const v1::Assign& assign) { return assign.id().trial() / 10.0; });
    ASSERT_EQ(harness_.JobOf(1).state(), v1::Job::COMPLETED);
    trained_.clear();
  }
  absl::StatusOr<v1::Job> Rerun(v1::Origin::Kind kind, int top = 0, int seeds = 0,
                                const std::string& dataset = "",
                                const std::string& request_id = "") {
    v1::RerunJobRequest request;
    request.set_job("1");
    request.set_kind(kind);
    request.set_top(top);
    request.set_seeds(seeds);
    request.set_dataset(dataset);
    request.set_request_id(request_id);
    return harness_.Ask(request);
  }
  v1::Rerun Report(uint32_t job) {
    v1::GetRerunRequest request;
    request.set_job(absl::StrCat(job));
    return GetRerun(harness_.state(), request).value();
  }
  // Another data set under a name, with so many features.
  void Import(const std::string& name, uint32_t features) {
    DatasetImported imported;
    imported.dataset.set_name(name);
    imported.dataset.set_digest(Digest(absl::StrCat(name, features)));
    imported.dataset.mutable_train()->set_rows(1000);
    imported.dataset.mutable_validation()->set_rows(100);
    imported.dataset.mutable_preprocessing()->set_features(features);
    imported.dataset.mutable_preprocessing()->add_classes("a");
    imported.dataset.mutable_preprocessing()->add_classes("b");
    ASSERT_TRUE(EngineHarness::FirstReply(harness_.Step(imported)).answer.ok());
  }
  absl::Status DeleteDataset(const std::string& name) {
    v1::DeleteDatasetRequest request;
    request.set_name(name);
    return harness_.Ask(request).status();
  }
  std::string ErrorOf(const absl::StatusOr<v1::Job>& job) {
    return std::string(job.status().message());
  }

  EngineHarness harness_;
  SessionId session_{};
  std::vector<v1::Assign> trained_;
};

}  // namespace caviar::engine

#endif  // CAVIAR_TESTS_COORDINATOR_ENGINE_RERUN_FIXTURE_H_
