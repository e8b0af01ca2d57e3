#include "coordinator/engine/replay.h"

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <vector>

#include "coordinator/engine/job_copy.h"
#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {
namespace {

using ::testing::HasSubstr;

struct Records {
  v1::JobRecord job;
  std::vector<v1::TrialRecord> trials;

  v1::Replay Replay() const { return ReplayJob(job, trials, job.sequence()).value(); }
};

class ReplayTest : public ::testing::Test {
 protected:
  Records Copy() {
    JobCopy copy = JobCopy::Start(harness_.state(), "1").value();
    while (copy.ReadMore(harness_.state(), 1).value()) continue;
    return {copy.job(), copy.trials()};
  }
  // Trains whatever is handed out to its rung, its end or a stop, each trial to a value of its own,
  // until nothing is handed out any more.
  void RunToTheEnd() {
    const SessionId session = harness_.Connect("w", 1);
    for (std::vector<v1::Assign> assigns = harness_.TakeAssigns(session); !assigns.empty();
         assigns = harness_.TakeAssigns(session)) {
      for (const v1::Assign& assign : assigns) Train(session, assign);
    }
  }
  void Train(SessionId session, const v1::Assign& assign) {
    const double value = 0.1 * ((assign.id().trial() * 7) % 10);
    uint32_t epoch = assign.from_epoch(), until = assign.until_epoch(), sequence = 0;
    bool is_stopped = epoch == until;
    while (epoch < until && !is_stopped) {
      const Effects effects =
          harness_.Measure(session, assign.id(), ++sequence, ++epoch, std::vector<double>{value});
      for (const auto& message :
           EngineHarness::Sent(effects, session, v1::CoordinatorMessage::kGrant)) {
        until = message.grant().until_epoch();
      }
      const auto stop = EngineHarness::StopOf(effects, session);
      if (stop == v1::Stop::PAUSED) {
        harness_.Checkpoint(session, assign.id(), epoch,
                            absl::StrCat("c", assign.id().trial(), "@", epoch));
        harness_.HandBack(session, assign.id(), sequence);
        return;
      }
      is_stopped = stop.has_value();
    }
    harness_.Finish(session, assign.id(), sequence,
                    is_stopped ? v1::AttemptFinished::STOPPED : v1::AttemptFinished::COMPLETED);
  }
  Records Run(const std::function<void(v1::JobSpec&)>& edit) {
    v1::JobSpec spec = EngineHarness::Spec(12, 4);
    edit(spec);
    harness_.MustSubmit(spec);
    RunToTheEnd();
    EXPECT_EQ(harness_.JobOf(1).state(), v1::Job::COMPLETED);
    return Copy();
  }
  static void SetAsha(v1::JobSpec& spec) {
    spec.mutable_scheduler()->mutable_asha()->set_reduction_factor(2);
  }
  static void SetMedian(v1::JobSpec& spec) {
    spec.mutable_scheduler()->mutable_median()->set_startup_trials(1);
    spec.mutable_scheduler()->mutable_median()->set_interval_epochs(1);
  }

  EngineHarness harness_;
};

TEST_F(ReplayTest, CountsWhatCameOut) {
  const v1::Replay replay = Run(SetAsha).Replay();
  EXPECT_EQ(replay.difference(), "");
  EXPECT_EQ(replay.job(), 1u);
  EXPECT_EQ(replay.points(), 12u);
  // 12 first grants and 12 judgements at the first rung are the least.
  EXPECT_GT(replay.decisions(), 24u);
}

TEST_F(ReplayTest, TheFullSchedulerDecidesNothing) {
  const v1::Replay replay = Run([](v1::JobSpec&) {}).Replay();
  EXPECT_EQ(replay.difference(), "");
  EXPECT_EQ(replay.points(), 12u);
  EXPECT_EQ(replay.decisions(), 0u);
}

TEST_F(ReplayTest, ARunningJobIsReplayedUpToWhatItHasCome) {
  v1::JobSpec spec = EngineHarness::Spec(12, 4);
  SetAsha(spec);
  harness_.MustSubmit(spec);
  const SessionId session = harness_.Connect("w", 3);
  for (const v1::Assign& assign : harness_.TakeAssigns(session)) Train(session, assign);
  const Records records = Copy();
  EXPECT_LT(records.trials.size(), 12u);
  const v1::Replay now = records.Replay();
  EXPECT_EQ(now.difference(), "");
  EXPECT_EQ(now.points(), records.trials.size());
  // At each sequence before, too, whatever the records say of later.
  uint32_t points = 0;
  for (uint64_t through = 0; through <= records.job.sequence(); ++through) {
    const v1::Replay then = ReplayJob(records.job, records.trials, through).value();
    EXPECT_EQ(then.difference(), "") << "through " << through;
    EXPECT_GE(then.points(), points);
    points = then.points();
  }
}

TEST_F(ReplayTest, AnExtendedJobComesOut) {
  for (const auto& edit : {SetAsha, SetMedian}) {
    harness_ = EngineHarness();
    Run(edit);
    ASSERT_TRUE(harness_.Extend(1, 4).ok());
    RunToTheEnd();
    const v1::Replay replay = Copy().Replay();
    EXPECT_EQ(replay.difference(), "");
    EXPECT_EQ(replay.points(), 16u);
  }
}

// ---- What is changed is found ----

TEST_F(ReplayTest, FindsAChangedPoint) {
  Records records = Run(SetAsha);
  (*records.trials[4].mutable_point()->mutable_fields())["learning_rate"].set_number_value(0.5);
  const v1::Replay replay = records.Replay();
  EXPECT_THAT(replay.difference(), HasSubstr("trial 5 is recorded with the point {"));
  EXPECT_THAT(replay.difference(), HasSubstr("learning_rate: 0.5"));
  EXPECT_EQ(replay.points(), 4u);
}

TEST_F(ReplayTest, FindsAPointThatSawAnotherStateOfTheJob) {
  const auto edit = [](v1::JobSpec& spec) {
    spec.mutable_sampler()->mutable_tpe()->set_startup_trials(3);
  };
  Records records = Run(edit);
  EXPECT_EQ(records.Replay().difference(), "");
  records.trials[9].set_sampled_at_sequence(records.trials[2].sampled_at_sequence());
  EXPECT_THAT(records.Replay().difference(), HasSubstr("trial 10 is recorded with the point"));
}

TEST_F(ReplayTest, FindsAnotherGrant) {
  Records records = Run(SetAsha);
  for (v1::TrialRecord& trial : records.trials) {
    if (trial.grants_size() < 2) continue;
    trial.mutable_grants(1)->set_until_epoch(4);
    EXPECT_THAT(records.Replay().difference(),
                HasSubstr(absl::StrCat("trial ", trial.number(),
                                       " is recorded as promoted to epoch 4; a promotion of trial ",
                                       trial.number(), " to epoch 2 came out")));
    return;
  }
  FAIL() << "nothing was promoted";
}

TEST_F(ReplayTest, FindsAGrantThatWasGivenInAnotherOrder) {
  Records records = Run(SetAsha);
  // The one that was promoted first would not have been so early.
  for (v1::TrialRecord& trial : records.trials) {
    if (trial.grants_size() < 2 || trial.judgements(0).paused_at_sequence() == 0) continue;
    trial.mutable_grants(1)->set_at_sequence(trial.judgements(0).paused_at_sequence() - 1);
    EXPECT_THAT(records.Replay().difference(), HasSubstr("promoted to epoch 2"));
    return;
  }
  FAIL() << "nothing was promoted from a pause";
}

TEST_F(ReplayTest, FindsAMissingPromotion) {
  Records records = Run(SetAsha);
  v1::TrialRecord* last = nullptr;
  for (v1::TrialRecord& trial : records.trials) {
    if (trial.grants_size() == 2) last = &trial;
  }
  ASSERT_NE(last, nullptr);
  last->mutable_grants()->RemoveLast();
  EXPECT_NE(records.Replay().difference(), "");
}

TEST_F(ReplayTest, FindsAChangedValueThatADecisionWasMadeFrom) {
  Records records = Run(SetAsha);
  for (v1::TrialRecord& trial : records.trials) {
    if (trial.grants_size() < 2) continue;
    trial.mutable_judgements(0)->set_value(-1);
    EXPECT_NE(records.Replay().difference(), "");
    return;
  }
  FAIL() << "nothing was promoted";
}

TEST_F(ReplayTest, FindsAnInventedReasonToPrune) {
  Records records = Run(SetMedian);
  EXPECT_EQ(records.Replay().difference(), "");
  records.trials[0].set_prune_reason("median: 0.1 is worse than 0.2");
  EXPECT_THAT(records.Replay().difference(),
              HasSubstr("trial 1 is recorded as pruned (median: 0.1 is worse than 0.2)"));
  records.trials[0].set_pruned_at_sequence(records.trials[0].judgements(0).at_sequence());
  EXPECT_THAT(records.Replay().difference(), HasSubstr("no decision to prune it came out"));
}

TEST_F(ReplayTest, FindsAForgottenReasonToPrune) {
  Records records = Run(SetMedian);
  for (v1::TrialRecord& trial : records.trials) {
    if (trial.prune_reason().empty()) continue;
    trial.clear_prune_reason();
    EXPECT_THAT(records.Replay().difference(), HasSubstr("is recorded as going on at"));
    return;
  }
  FAIL() << "nothing was pruned";
}

TEST_F(ReplayTest, FindsAnotherReasonOfTheTrialsLeftOver) {
  Records records = Run(SetAsha);
  for (v1::TrialRecord& trial : records.trials) {
    if (trial.state() != v1::Trial::PRUNED || !trial.prune_reason().empty()) continue;
    trial.set_reason("asha: not among the best 3 of 11 at 1 epoch");
    EXPECT_THAT(records.Replay().difference(), HasSubstr("came out"));
    return;
  }
  FAIL() << "nothing was left over";
}

// Whatever is on record, a replay says so and does not end the coordinator.
TEST_F(ReplayTest, SurvivesRecordsThatCannotBe) {
  const Records records = Run(SetAsha);
  int differences = 0;
  const auto expect_survival = [&](const std::function<void(v1::TrialRecord&)>& damage) {
    for (size_t i = 0; i < records.trials.size(); ++i) {
      Records damaged = records;
      damage(damaged.trials[i]);
      if (!damaged.Replay().difference().empty()) ++differences;
    }
  };
  expect_survival([](v1::TrialRecord& trial) { trial.set_created_at_sequence(1000); });
  expect_survival([](v1::TrialRecord& trial) { trial.set_created_at_sequence(1); });
  expect_survival([](v1::TrialRecord& trial) { trial.set_ended_at_sequence(1); });
  expect_survival([](v1::TrialRecord& trial) { trial.clear_grants(); });
  expect_survival([](v1::TrialRecord& trial) { trial.clear_judgements(); });
  expect_survival([](v1::TrialRecord& trial) {
    for (v1::Judgement& judgement : *trial.mutable_judgements()) judgement.set_epochs(3);
  });
  expect_survival([](v1::TrialRecord& trial) {
    for (v1::Judgement& judgement : *trial.mutable_judgements()) judgement.set_at_sequence(1);
  });
  expect_survival([](v1::TrialRecord& trial) {
    for (v1::Judgement& judgement : *trial.mutable_judgements()) {
      judgement.set_paused_at_sequence(1);
    }
  });
  expect_survival([](v1::TrialRecord& trial) {
    for (v1::TrialGrant& grant : *trial.mutable_grants()) grant.set_until_epoch(77);
  });
  expect_survival([](v1::TrialRecord& trial) { *trial.add_grants() = trial.grants(0); });
  EXPECT_GT(differences, 60);
}

TEST_F(ReplayTest, RecordsOfAnOlderVersionAreRefusedByName) {
  Records records = Run(SetAsha);
  records.trials[2].clear_created_at_sequence();
  const auto replay = ReplayJob(records.job, records.trials, records.job.sequence());
  EXPECT_EQ(replay.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(replay.status().message()), HasSubstr("trial 3 of job 1"));
}

TEST_F(ReplayTest, AJobThatIsDeletedWhileItIsCopiedIsNotFound) {
  Run(SetAsha);
  JobCopy copy = JobCopy::Start(harness_.state(), "1").value();
  EXPECT_TRUE(copy.ReadMore(harness_.state(), 5).value());
  v1::DeleteJobRequest request;
  request.set_job("1");
  harness_.Ask(request).IgnoreError();
  EXPECT_EQ(copy.ReadMore(harness_.state(), 5).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace caviar::engine
