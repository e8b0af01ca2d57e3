#include "coordinator/engine/unfit_worker.h"

#include <gmock/gmock.h>

#include <map>

#include "coordinator/engine/limits.h"
#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {
namespace {

using ::testing::HasSubstr;

// Workers that cannot run a trial hand it back; the others complete at once what they get.
class UnfitWorkerTest : public ::testing::Test {
 protected:
  using CannotRun = std::function<bool(const std::string& worker, uint32_t trial)>;

  void Connect(const std::string& worker, uint32_t slots = 1) {
    sessions_[worker] = harness_.Connect(worker, slots);
  }
  // Lets all workers do what they were given, and time pass, until the job ended or `time` is over.
  void Run(uint32_t job, absl::Duration time, const CannotRun& cannot_run) {
    const absl::Time end = harness_.now() + time;
    while (harness_.JobOf(job).state() == v1::Job::RUNNING && harness_.now() < end) {
      for (const auto& [worker, session] : sessions_) {
        for (const v1::Assign& assign : harness_.TakeAssigns(session)) {
          Answer(worker, session, assign, cannot_run(worker, assign.id().trial()));
        }
      }
      for (const auto& [worker, session] : sessions_) harness_.Heartbeat(session);
      harness_.Tick(absl::Milliseconds(500));
    }
  }
  void Answer(const std::string& worker, SessionId session, const v1::Assign& assign,
              bool cannot_run) {
    if (!cannot_run) return harness_.Complete(session, assign, 0.5);
    ++refusals_[worker];
    const Effects effects = harness_.HandBack(session, assign.id(), 0, "its disk is full");
    EXPECT_TRUE(EngineHarness::IsFinishAcked(effects, session));
  }
  uint32_t Completed(uint32_t job) { return harness_.JobOf(job).trials().completed(); }

  EngineHarness harness_;
  std::map<std::string, SessionId> sessions_;
  std::map<std::string, int> refusals_;
};

TEST_F(UnfitWorkerTest, UsesUpNoTrialWhileAnotherWorkerCanRunThem) {
  const uint32_t job = harness_.MustSubmit(EngineHarness::Spec(30, 1));
  Connect("sick", 4);
  Connect("well");
  Run(job, absl::Minutes(5), [](const std::string& worker, uint32_t) { return worker == "sick"; });
  EXPECT_EQ(Completed(job), 30u);
}

// Its trials go to the other one, though it is idle and the other is not.
TEST_F(UnfitWorkerTest, LeavesATrialThatItAloneCannotRunToTheOthers) {
  const uint32_t job = harness_.MustSubmit(EngineHarness::Spec(1, 1));
  const uint32_t other = harness_.MustSubmit(EngineHarness::Spec(1, 1));
  Connect("small");
  Connect("busy");
  const v1::Assign refused = harness_.TakeAssign(sessions_["small"]);
  const v1::Assign long_one = harness_.TakeAssign(sessions_["busy"]);
  ASSERT_EQ(refused.id().job(), job);
  ASSERT_EQ(long_one.id().job(), other);
  Answer("small", sessions_["small"], refused, true);
  Run(job, absl::Minutes(2), [](const std::string&, uint32_t) { return true; });
  EXPECT_EQ(harness_.TrialOf(job, 1).state(), v1::Trial::PENDING);
  EXPECT_EQ(harness_.Durable(job, 1).worker_deaths(), 1u) << "counted once a worker";
  harness_.Complete(sessions_["busy"], long_one, 0.5);
  EXPECT_EQ(harness_.TakeAssign(sessions_["busy"]).id().job(), job);
}

TEST_F(UnfitWorkerTest, IsAskedMoreAndMoreRarely) {
  const uint32_t job = harness_.MustSubmit(EngineHarness::Spec(100'000, 1));
  Connect("sick");
  Connect("well");
  Run(job, absl::Minutes(10), [](const std::string& worker, uint32_t) { return worker == "sick"; });
  EXPECT_GE(refusals_["sick"], 20) << "but a disk that was cleared is noticed";
  EXPECT_LE(refusals_["sick"], 30);
}

TEST_F(UnfitWorkerTest, IsTrustedAgainOnceItTrainsAnEpoch) {
  const uint32_t job = harness_.MustSubmit(EngineHarness::Spec(100, 1));
  Connect("w");
  int asked = 0;
  Run(job, absl::Minutes(2), [&](const std::string&, uint32_t) { return ++asked <= 2; });
  EXPECT_EQ(Completed(job), 100u);
  const uint32_t next = harness_.MustSubmit(EngineHarness::Spec(1, 1));
  const v1::Assign assign = harness_.TakeAssign(sessions_["w"]);
  harness_.HandBack(sessions_["w"], assign.id(), 0, "its disk is full again");
  harness_.Tick(kRefusalPause);
  EXPECT_EQ(harness_.TakeAssign(sessions_["w"]).id().job(), next) << "the first pause again";
}

TEST_F(UnfitWorkerTest, FailsATrialThatNobodyCanRunWithTheReason) {
  const uint32_t job = harness_.MustSubmit(EngineHarness::Spec(20, 1));
  for (const char* worker : {"a", "b", "c", "d", "e"}) Connect(worker, 2);
  Run(job, absl::Minutes(5), [](const std::string&, uint32_t trial) { return trial == 7; });
  EXPECT_EQ(Completed(job), 19u);
  const v1::Trial trial = harness_.TrialOf(job, 7);
  EXPECT_EQ(trial.state(), v1::Trial::FAILED);
  EXPECT_THAT(trial.reason(), HasSubstr("no worker can run it; "));
  EXPECT_THAT(trial.reason(), HasSubstr(".name: its disk is full"));
}

// A job must end also where nothing can run.
TEST_F(UnfitWorkerTest, EndsAJobThatNoWorkerCanRun) {
  const uint32_t job = harness_.MustSubmit(EngineHarness::Spec(5, 1));
  Connect("a", 3);
  Connect("b");
  Run(job, absl::Hours(1), [](const std::string&, uint32_t) { return true; });
  EXPECT_EQ(harness_.JobOf(job).state(), v1::Job::FAILED);
  EXPECT_THAT(harness_.JobOf(job).reason(), HasSubstr("its disk is full"));
}

TEST_F(UnfitWorkerTest, MayGiveATrialBackThatIsPausedMeanwhile) {
  const uint32_t job = harness_.MustSubmit(EngineHarness::Spec(1, 1));
  Connect("w");
  const v1::Assign assign = harness_.TakeAssign(sessions_["w"]);
  ASSERT_TRUE(harness_.AskAbout<v1::PauseJobRequest>(job).ok());
  harness_.HandBack(sessions_["w"], assign.id(), 0, "its disk is full");
  EXPECT_EQ(harness_.TrialOf(job, 1).state(), v1::Trial::PAUSED);
  EXPECT_EQ(harness_.Durable(job, 1).worker_deaths(), 1u);
}

}  // namespace
}  // namespace caviar::engine
