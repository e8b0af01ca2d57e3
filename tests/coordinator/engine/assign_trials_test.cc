#include <gmock/gmock.h>

#include <set>

#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {
namespace {

using ::testing::ElementsAre;

std::vector<uint32_t> TrialsOf(const std::vector<v1::Assign>& assigns) {
  std::vector<uint32_t> trials;
  for (const v1::Assign& assign : assigns) trials.push_back(assign.id().trial());
  return trials;
}

uint32_t RunningOf(EngineHarness& harness, uint32_t job) {
  return harness.JobOf(job).trials().running();
}

TEST(AssignTrialsTest, SpreadsOverWorkersBeforeStackingOnOne) {
  EngineHarness harness;
  const SessionId a = harness.Connect("a", 4);
  const SessionId b = harness.Connect("b", 2);
  const SessionId c = harness.Connect("c", 1);
  harness.MustSubmit(EngineHarness::Spec(3));
  EXPECT_EQ(harness.TakeAssigns(a).size(), 1u);
  EXPECT_EQ(harness.TakeAssigns(b).size(), 1u);
  EXPECT_EQ(harness.TakeAssigns(c).size(), 1u);
}

TEST(AssignTrialsTest, NeverExceedsSlots) {
  EngineHarness harness;
  harness.MustSubmit(EngineHarness::Spec(50));
  EXPECT_EQ(harness.TakeAssigns(harness.Connect("a", 3)).size(), 3u);
  EXPECT_EQ(harness.TakeAssigns(harness.Connect("b", 5)).size(), 5u);
}

TEST(AssignTrialsTest, GivesTheSlotOfATrainedTrialAway) {
  EngineHarness harness;
  const uint32_t job = harness.MustSubmit(EngineHarness::Spec(10));
  const SessionId w = harness.Connect("w", 1);
  const std::vector<v1::Assign> first = harness.TakeAssigns(w);
  harness.Trained(w, first[0].id());
  const std::vector<v1::Assign> second = harness.TakeAssigns(w);
  EXPECT_THAT(TrialsOf(second), ElementsAre(2));
  EXPECT_EQ(RunningOf(harness, job), 2u) << "the first one has not ended";
  harness.Trained(w, first[0].id());
  EXPECT_TRUE(harness.TakeAssigns(w).empty()) << "it was said before";
  harness.Trained(w, second[0].id());
  EXPECT_TRUE(harness.TakeAssigns(w).empty()) << "no more attempts than two a slot";
  harness.Complete(w, first[0], 0.5);
  EXPECT_THAT(TrialsOf(harness.TakeAssigns(w)), ElementsAre(3));
}

TEST(AssignTrialsTest, FillsFreeSlotsBeforeThoseOfTrainedTrials) {
  EngineHarness harness;
  harness.MustSubmit(EngineHarness::Spec(1));
  const SessionId a = harness.Connect("a", 1);
  const SessionId b = harness.Connect("b", 1);
  harness.Trained(a, harness.TakeAssign(a).id());
  harness.MustSubmit(EngineHarness::Spec(2));
  EXPECT_THAT(TrialsOf(harness.TakeAssigns(b)), ElementsAre(1));
  EXPECT_THAT(TrialsOf(harness.TakeAssigns(a)), ElementsAre(2));
}

// What the trained trial tells at its end is worth the wait to a sampler that learns.
TEST(AssignTrialsTest, ASamplerThatLearnsWaitsForTheEndsOfTrials) {
  EngineHarness harness;
  v1::JobSpec learning = EngineHarness::Spec(10);
  learning.mutable_sampler()->mutable_tpe();
  harness.MustSubmit(learning);
  const SessionId w = harness.Connect("w", 1);
  const std::vector<v1::Assign> first = harness.TakeAssigns(w);
  harness.Trained(w, first[0].id());
  EXPECT_TRUE(harness.TakeAssigns(w).empty());
  // Others have the slot meanwhile.
  const uint32_t other = harness.MustSubmit(EngineHarness::Spec(1));
  EXPECT_EQ(RunningOf(harness, other), 1u);
  harness.Complete(w, first[0], 0.5);
  EXPECT_EQ(harness.TakeAssigns(w).size(), 1u) << "that of the other job";
}

TEST(AssignTrialsTest, ACancelledTrialThatWasTrainedHoldsNoSlot) {
  EngineHarness harness;
  const uint32_t job = harness.MustSubmit(EngineHarness::Spec(1));
  const SessionId w = harness.Connect("w", 1);
  const std::vector<v1::Assign> first = harness.TakeAssigns(w);
  harness.Trained(w, first[0].id());
  ASSERT_TRUE(harness.AskAbout<v1::CancelJobRequest>(job).ok());
  harness.MustSubmit(EngineHarness::Spec(2));
  EXPECT_EQ(harness.TakeAssigns(w).size(), 1u);
}

TEST(AssignTrialsTest, SharesSlotsByWeight) {
  EngineHarness harness;
  v1::JobSpec heavy = EngineHarness::Spec(100);
  heavy.set_weight(3);
  const uint32_t one = harness.MustSubmit(EngineHarness::Spec(100));
  const uint32_t three = harness.MustSubmit(heavy);
  harness.Connect("w", 16);
  EXPECT_EQ(RunningOf(harness, one), 4u);
  EXPECT_EQ(RunningOf(harness, three), 12u);
}

TEST(AssignTrialsTest, GivesWhatOneJobCannotUseToTheOther) {
  EngineHarness harness;
  v1::JobSpec narrow = EngineHarness::Spec(100);
  narrow.set_max_parallel_trials(2);
  const uint32_t bounded = harness.MustSubmit(narrow);
  const uint32_t other = harness.MustSubmit(EngineHarness::Spec(100));
  harness.Connect("w", 10);
  EXPECT_EQ(RunningOf(harness, bounded), 2u);
  EXPECT_EQ(RunningOf(harness, other), 8u);
}

TEST(AssignTrialsTest, ResumesBeforeItStartsNewPoints) {
  EngineHarness harness;
  harness.MustSubmit(EngineHarness::Spec(10));
  const SessionId w = harness.Connect("w", 2);
  const std::vector<v1::Assign> first = harness.TakeAssigns(w);
  EXPECT_THAT(TrialsOf(first), ElementsAre(1, 2));
  harness.Drain(w);
  harness.HandBack(w, first[1].id(), 0);
  harness.HandBack(w, first[0].id(), 0);
  EXPECT_THAT(TrialsOf(harness.TakeAssigns(harness.Connect("x", 3))), ElementsAre(1, 2, 3));
}

TEST(AssignTrialsTest, TailOfTheEpochBudgetWaitsForWhatMayReturn) {
  EngineHarness harness;
  v1::JobSpec spec = EngineHarness::Spec(10, 4);
  spec.mutable_budget()->set_total_epochs(10);
  const uint32_t job = harness.MustSubmit(spec);
  const SessionId w = harness.Connect("w", 8);
  std::vector<v1::Assign> assigns = harness.TakeAssigns(w);
  // 2 x 4 epochs; the last 2 wait: a running trial may yet return some.
  ASSERT_THAT(TrialsOf(assigns), ElementsAre(1, 2));
  harness.Measure(w, assigns[0].id(), 1, 1, {0.5});
  harness.Finish(w, assigns[0].id(), 1);  // by patience: 3 epochs return, enough for a full one
  std::vector<v1::Assign> more = harness.TakeAssigns(w);
  ASSERT_THAT(TrialsOf(more), ElementsAre(3));
  EXPECT_EQ(more[0].until_epoch(), 4u);
  harness.Complete(w, assigns[1], 0.5);
  EXPECT_TRUE(harness.TakeAssigns(w).empty());
  harness.Complete(w, more[0], 0.5);
  more = harness.TakeAssigns(w);
  ASSERT_THAT(TrialsOf(more), ElementsAre(4));
  EXPECT_EQ(more[0].until_epoch(), 1u);
  // The worker waits for more at the end of a grant, and is told that there is none.
  const Effects effects = harness.Measure(w, more[0].id(), 1, 1, {0.9});
  EXPECT_EQ(EngineHarness::StopOf(effects, w), v1::Stop::PRUNED);
  harness.Finish(w, more[0].id(), 1, v1::AttemptFinished::STOPPED, "m");
  EXPECT_EQ(harness.TrialOf(job, 4).state(), v1::Trial::COMPLETED);
  EXPECT_EQ(harness.Durable(job, 4).model_digest(), Digest("m"));
  EXPECT_EQ(harness.JobOf(job).state(), v1::Job::COMPLETED);
  EXPECT_EQ(harness.JobOf(job).epochs_done(), 10u);
  EXPECT_EQ(harness.JobOf(job).trials().created(), 4u);
}

TEST(AssignTrialsTest, PointsAndGrantsDoNotDependOnWorkers) {
  const auto run = [](uint32_t slots, bool backwards) {
    EngineHarness harness;
    v1::JobSpec spec = EngineHarness::Spec(12, 3);
    spec.mutable_budget()->set_total_epochs(20);
    const uint32_t job = harness.MustSubmit(spec);
    const SessionId w = harness.Connect("w", slots);
    std::vector<v1::Assign> open = harness.TakeAssigns(w);
    while (!open.empty()) {
      const v1::Assign assign = backwards ? open.back() : open.front();
      open.erase(backwards ? open.end() - 1 : open.begin());
      // Every third trial stops early.
      const uint32_t epochs = assign.id().trial() % 3 == 0 ? 1 : assign.until_epoch();
      harness.Measure(w, assign.id(), 1, 1, std::vector<double>(epochs, 0.5));
      harness.Finish(w, assign.id(), 1);
      for (const v1::Assign& more : harness.TakeAssigns(w)) open.push_back(more);
    }
    std::string digest;
    for (uint32_t trial = 1; trial <= harness.JobOf(job).trials().created(); ++trial) {
      const v1::Trial view = harness.TrialOf(job, trial);
      absl::StrAppend(&digest, view.point().ShortDebugString(), view.epochs(), "\n");
    }
    EXPECT_EQ(harness.JobOf(job).epochs_done(), 20u);
    return digest;
  };
  const std::string undisturbed = run(1, false);
  EXPECT_EQ(run(3, false), undisturbed);
  EXPECT_EQ(run(8, true), undisturbed);
}

TEST(AssignTrialsTest, AnExhaustedGridEndsTheJobWithItsReason) {
  EngineHarness harness;
  v1::JobSpec spec = EngineHarness::Spec(10, 1);
  spec.mutable_sampler()->mutable_grid()->set_points(3);
  const uint32_t job = harness.MustSubmit(spec);
  const SessionId w = harness.Connect("w", 2);
  harness.CompleteAll(w);
  EXPECT_EQ(harness.JobOf(job).trials().created(), 3u);
  EXPECT_EQ(harness.JobOf(job).state(), v1::Job::COMPLETED);
  EXPECT_FALSE(harness.JobOf(job).reason().empty());
}

TEST(AssignTrialsTest, ZoomRoundsAreRecordedWithTheJob) {
  EngineHarness harness;
  v1::JobSpec spec = EngineHarness::Spec(12, 1);
  spec.mutable_sampler()->mutable_zoom()->set_rounds(3);
  const uint32_t job = harness.MustSubmit(spec);
  const SessionId w = harness.Connect("w", 2);
  harness.CompleteAll(w);
  EXPECT_GE(harness.JobOf(job).zoom_rounds_size(), 2);
  EXPECT_EQ(harness.disk().jobs[job].zoom_rounds_size(), harness.JobOf(job).zoom_rounds_size());
}

TEST(AssignTrialsTest, ZoomNarrowsOntoNothingThatDiverged) {
  // The box of the last round, when trial 1 became infeasible after `good_epochs` of the best
  // value.
  const auto box = [](int good_epochs) {
    EngineHarness harness;
    v1::JobSpec spec = EngineHarness::Spec(8, 3);
    spec.mutable_sampler()->mutable_zoom()->set_rounds(2);
    const uint32_t job = harness.MustSubmit(spec);
    const SessionId w = harness.Connect("w");
    const v1::Assign first = harness.TakeAssign(w);
    if (good_epochs > 0) {
      harness.Measure(w, first.id(), 1, 1, std::vector<double>(good_epochs, 0.97));
    }
    harness.Finish(w, first.id(), good_epochs > 0 ? 1 : 0, v1::AttemptFinished::INFEASIBLE);
    harness.CompleteAll(w, 0.5);
    const v1::Job ended = harness.JobOf(job);
    EXPECT_EQ(ended.zoom_rounds_size(), 2);
    return ended.zoom_rounds(1).ShortDebugString();
  };
  EXPECT_EQ(box(2), box(0));
}

// What a point was drawn from is on record: a restart in the middle draws the same ones.
TEST(AssignTrialsTest, ZoomPointsAreTheSameAfterARestart) {
  const auto run = [](bool restarts) {
    EngineHarness harness;
    v1::JobSpec spec = EngineHarness::Spec(12, 1);
    spec.mutable_sampler()->mutable_zoom()->set_rounds(3);
    const uint32_t job = harness.MustSubmit(spec);
    std::string points;
    for (uint32_t i = 1; i <= 12; ++i) {
      if (restarts) harness.Restart();
      const SessionId w = harness.Connect("w", 1, i);
      const v1::Assign assign = harness.TakeAssign(w);
      harness.Complete(w, assign, 1.0 / (1 + (i * 7) % 12));
      if (!restarts) harness.TakeAssigns(w);
      absl::StrAppend(&points, harness.TrialOf(job, i).point().ShortDebugString(), "\n");
      harness.Drain(w);
      for (const auto& [key, record] : harness.disk().trials) {
        if (record.state() != v1::Trial::RUNNING) continue;
        v1::AttemptId id;
        id.set_job(record.job());
        id.set_trial(record.number());
        id.set_attempt(record.attempt());
        harness.HandBack(w, id, 0);
      }
    }
    return points;
  };
  EXPECT_EQ(run(true), run(false));
}

}  // namespace
}  // namespace caviar::engine
