#include "coordinator/driver/driver_core.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/store/faulty_store.h"
#include "coordinator/store/memory_store.h"

namespace caviar::driver {
namespace {

constexpr absl::Time kStart = absl::FromUnixSeconds(1'000'000);

engine::Event Closed(uint64_t session) { return engine::SessionClosed{engine::SessionId{session}}; }

// Writes down, in one list, all that happens in the order in which it happens: steps, commits,
// sends and answers. The engine it plays writes one job and sends one JobChanged for each
// SessionClosed, under the session's number.
class DriverCoreTest : public testing::Test, public Sink, public store::Store {
 protected:
  engine::Effects Step(absl::Time now, const engine::Event& event) {
    EXPECT_GE(now, last_step_);
    last_step_ = now;
    engine::Effects effects;
    effects.next_deadline = next_deadline_;
    const std::string at = absl::StrCat("@", absl::ToDoubleSeconds(now - kStart));
    if (const auto* closed = std::get_if<engine::SessionClosed>(&event)) {
      const auto number = static_cast<uint32_t>(closed->session);
      log_.push_back(absl::StrCat("step ", number, at));
      closed_at_ = now;
      v1::JobRecord job;
      job.set_id(number);
      if (writes_) effects.writes.push_back(job);
      if (deletes_) effects.writes = {engine::DeleteJobRecord{number}};
      const bool has_ended = --steps_to_end_ == 0;
      effects.sends.push_back(engine::JobChanged{number, has_ended});
    } else if (const auto* stalled = std::get_if<engine::DriverStalled>(&event)) {
      log_.push_back(absl::StrCat("stalled ", absl::ToDoubleSeconds(stalled->gap), at));
    } else {
      EXPECT_TRUE(std::holds_alternative<engine::TimePassed>(event));
      next_deadline_ = effects.next_deadline = deadline_after_;
      log_.push_back(absl::StrCat("time", at));
    }
    return effects;
  }

  // Sink and Store.
  void Release(engine::Send send) override {
    const auto& changed = std::get<engine::JobChanged>(send);
    log_.push_back(absl::StrCat("send ", changed.job, changed.has_ended ? " ended" : ""));
  }
  absl::StatusOr<engine::Snapshot> Load() override { return engine::Snapshot{}; }
  absl::Status Commit(std::span<const engine::Write> writes) override {
    log_.push_back(absl::StrCat("commit of ", writes.size()));
    return commit_answer_;
  }
  absl::StatusOr<bool> EraseDeleted() override {
    if (erasures_ == 0) return false;
    log_.push_back("erase");
    return --erasures_ > 0;
  }
  absl::StatusOr<std::vector<v1::CurveRecord>> ReadCurve(uint32_t, uint32_t, uint32_t,
                                                         size_t) override {
    return std::vector<v1::CurveRecord>{};
  }
  absl::StatusOr<std::vector<v1::CurveRecord>> ReadMeasured(uint32_t, uint64_t, size_t) override {
    return std::vector<v1::CurveRecord>{};
  }

  DriverCore MakeCore(const DriverCore::Options& options = {}) {
    return DriverCore(
        [this](absl::Time now, const engine::Event& event) { return Step(now, event); }, *this,
        *this, kStart, options);
  }
  DriverCore::Question Note(const std::string& text) {
    return [this, text] { log_.push_back(text); };
  }
  absl::Status Run(DriverCore& core, double seconds, std::vector<DriverCore::Input> inputs) {
    return core.RunOnce(kStart + absl::Seconds(seconds), inputs);
  }
  std::vector<std::string> TakeLog() { return std::exchange(log_, {}); }

  std::vector<std::string> log_;
  absl::Time last_step_ = absl::InfinitePast();
  absl::Time closed_at_;
  absl::Time next_deadline_ = absl::InfiniteFuture();
  absl::Time deadline_after_ = absl::InfiniteFuture();
  bool writes_ = true;
  bool deletes_ = false;
  int steps_to_end_ = 0;  // of the job that the step is about; 0: it does not end
  int erasures_ = 0;      // calls of EraseDeleted that find something
  absl::Status commit_answer_;
};

using Log = std::vector<std::string>;

TEST_F(DriverCoreTest, CommitsABatchOnceBeforeAnythingIsReleased) {
  DriverCore core = MakeCore();
  ASSERT_TRUE(Run(core, 0, {Closed(1), Closed(2)}).ok());
  EXPECT_EQ(TakeLog(), Log({"step 1@0", "step 2@0", "commit of 2", "send 1", "send 2"}));
}

TEST_F(DriverCoreTest, LearnsTheFirstDeadlineAtOnce) {
  DriverCore core = MakeCore();
  EXPECT_EQ(core.wake_time(), kStart);
  deadline_after_ = kStart + absl::Milliseconds(300);
  ASSERT_TRUE(Run(core, 0, {}).ok());
  EXPECT_EQ(TakeLog(), Log({"time@0"}));
  EXPECT_EQ(core.wake_time(), kStart + absl::Milliseconds(300));
}

TEST_F(DriverCoreTest, AnswersQuestionsAfterWhatCameBeforeThemAndNotBeforeTheCommit) {
  DriverCore core = MakeCore();
  ASSERT_TRUE(Run(core, 0, {Closed(1), Note("answer A"), Closed(2), Note("answer B")}).ok());
  EXPECT_EQ(TakeLog(), Log({"step 1@0", "step 2@0", "commit of 2", "send 1", "answer A", "send 2",
                            "answer B"}));
}

TEST_F(DriverCoreTest, SplitsALongBatch) {
  DriverCore core = MakeCore({.batch_inputs_max = 2});
  ASSERT_TRUE(Run(core, 0, {Closed(1), Closed(2), Closed(3)}).ok());
  EXPECT_EQ(TakeLog(), Log({"step 1@0", "step 2@0", "commit of 2", "send 1", "send 2", "step 3@0",
                            "commit of 1", "send 3"}));
}

TEST_F(DriverCoreTest, DoesNotCommitNothing) {
  DriverCore core = MakeCore();
  writes_ = false;
  ASSERT_TRUE(Run(core, 0, {Closed(1), Note("answer")}).ok());
  EXPECT_EQ(TakeLog(), Log({"step 1@0", "send 1", "answer"}));
}

TEST_F(DriverCoreTest, ReleasesNothingWhenTheCommitFails) {
  DriverCore core = MakeCore();
  commit_answer_ = absl::ResourceExhaustedError("full");
  EXPECT_EQ(Run(core, 0, {Closed(1), Note("answer")}), commit_answer_);
  EXPECT_EQ(TakeLog(), Log({"step 1@0", "commit of 1"}));
}

// A heartbeat that lies in the inbox when its lease runs out was sent in time.
TEST_F(DriverCoreTest, HearsWhatCameInBeforeADeadlineExpires) {
  DriverCore core = MakeCore({.tick = absl::InfiniteDuration()});
  next_deadline_ = deadline_after_ = kStart + absl::Seconds(20);
  ASSERT_TRUE(Run(core, 0, {}).ok());
  TakeLog();
  deadline_after_ = absl::InfiniteFuture();
  ASSERT_TRUE(Run(core, 21, {Closed(1), Note("answer")}).ok());
  const Log log = TakeLog();
  ASSERT_EQ(log.size(), 5u);
  EXPECT_EQ(log[0], "step 1@20");
  EXPECT_LT(closed_at_, kStart + absl::Seconds(20));
  EXPECT_EQ(log[1], "time@21");
}

TEST_F(DriverCoreTest, LetsTimePassOnlyWhenADeadlineHasCome) {
  DriverCore core = MakeCore();
  next_deadline_ = deadline_after_ = kStart + absl::Seconds(5);
  ASSERT_TRUE(Run(core, 0, {}).ok());
  ASSERT_TRUE(Run(core, 1, {}).ok());
  EXPECT_EQ(TakeLog(), Log({"time@0"}));
}

TEST_F(DriverCoreTest, AsksToBeRunEachTick) {
  DriverCore core = MakeCore({.tick = absl::Seconds(1)});
  ASSERT_TRUE(Run(core, 0, {}).ok());
  EXPECT_EQ(core.wake_time(), kStart + absl::Seconds(1));
  ASSERT_TRUE(Run(core, 0.5, {Closed(1)}).ok());
  EXPECT_EQ(core.wake_time(), kStart + absl::Seconds(1.5));
}

// Stopped for a minute, then woken with a heartbeat in the inbox: the stall is told first, at a
// time at which no lease has run out.
TEST_F(DriverCoreTest, TellsOfItsOwnStallBeforeAnythingExpires) {
  DriverCore core = MakeCore();
  next_deadline_ = deadline_after_ = kStart + absl::Seconds(20);
  ASSERT_TRUE(Run(core, 0, {}).ok());
  TakeLog();
  ASSERT_TRUE(Run(core, 60, {}).ok());
  const Log log = TakeLog();
  ASSERT_GE(log.size(), 1u);
  EXPECT_EQ(log[0], "stalled 60@0");
}

// Else the leases that it renews would count from the deadline that was missed, and end at once.
TEST_F(DriverCoreTest, AfterAStallAnInputIsHeardNow) {
  DriverCore core = MakeCore();
  next_deadline_ = kStart + absl::Seconds(20);
  ASSERT_TRUE(Run(core, 0, {Closed(1)}).ok());
  TakeLog();
  ASSERT_TRUE(Run(core, 60, {Closed(2)}).ok());
  EXPECT_EQ(TakeLog(), Log({"stalled 60@0", "time@60", "step 2@60", "commit of 1", "send 2"}));
}

TEST_F(DriverCoreTest, IsNotStalledByALateTick) {
  DriverCore core = MakeCore();
  ASSERT_TRUE(Run(core, 0, {}).ok());
  TakeLog();
  ASSERT_TRUE(Run(core, 3, {}).ok());  // 1 s of sleep and 2 s late: just not
  EXPECT_EQ(TakeLog(), Log({}));
  ASSERT_TRUE(Run(core, 6.5, {}).ok());
  EXPECT_EQ(TakeLog(), Log({"stalled 3.5@0"}));
}

// With virtual time nobody ticks: hours without events are not a stall.
TEST_F(DriverCoreTest, IsNotStalledWhenNothingWasDue) {
  DriverCore core = MakeCore({.tick = absl::InfiniteDuration()});
  ASSERT_TRUE(Run(core, 0, {}).ok());
  TakeLog();
  EXPECT_EQ(core.wake_time(), absl::InfiniteFuture());
  ASSERT_TRUE(Run(core, 7200, {Closed(1)}).ok());
  EXPECT_EQ(TakeLog(), Log({"step 1@7200", "commit of 1", "send 1"}));
}

TEST_F(DriverCoreTest, TellsOnceABatchThatAJobHasChanged) {
  DriverCore core = MakeCore();
  ASSERT_TRUE(Run(core, 0, {Closed(1), Closed(2), Closed(1), Note("answer"), Closed(1)}).ok());
  EXPECT_EQ(TakeLog(), Log({"step 1@0", "step 2@0", "step 1@0", "step 1@0", "commit of 4", "send 1",
                            "send 2", "answer"}));
  ASSERT_TRUE(Run(core, 0, {Closed(1)}).ok());
  EXPECT_EQ(TakeLog(), Log({"step 1@0", "commit of 1", "send 1"}));
}

TEST_F(DriverCoreTest, TellsOfAJobsEndWhateverItTold) {
  DriverCore core = MakeCore();
  steps_to_end_ = 2;
  ASSERT_TRUE(Run(core, 0, {Closed(1), Closed(1)}).ok());
  EXPECT_EQ(TakeLog(), Log({"step 1@0", "step 1@0", "commit of 2", "send 1", "send 1 ended"}));
}

// A deleted job of a million rows holds up nobody: others are heard between the pieces.
TEST_F(DriverCoreTest, ErasesWhatADeletedJobLeftInPiecesAndHearsOthersInBetween) {
  DriverCore core = MakeCore({.erase_pause = absl::Seconds(0.1)});
  ASSERT_TRUE(Run(core, 0, {}).ok());
  TakeLog();
  erasures_ = 3;
  deletes_ = true;
  ASSERT_TRUE(Run(core, 1, {Closed(7)}).ok());
  deletes_ = false;
  EXPECT_EQ(TakeLog(), Log({"step 7@1", "commit of 1", "send 7"}));
  EXPECT_EQ(core.wake_time(), kStart + absl::Seconds(1.1));
  ASSERT_TRUE(Run(core, 1.125, {Closed(1)}).ok());
  EXPECT_EQ(TakeLog(), Log({"step 1@1.125", "commit of 1", "send 1", "erase"}));
  ASSERT_TRUE(Run(core, 1.125, {Closed(1)}).ok());
  EXPECT_EQ(TakeLog(), Log({"step 1@1.125", "commit of 1", "send 1"}));
  ASSERT_TRUE(Run(core, 2, {}).ok());
  ASSERT_TRUE(Run(core, 3, {}).ok());
  EXPECT_EQ(TakeLog(), Log({"erase", "erase"}));
  EXPECT_EQ(core.wake_time(), kStart + absl::Seconds(4)) << "nothing is left: the tick alone";
}

TEST_F(DriverCoreTest, GoesOnAfterARestartWithWhatWasNotErased) {
  DriverCore core = MakeCore();
  erasures_ = 1;
  ASSERT_TRUE(Run(core, 0, {}).ok());
  EXPECT_EQ(TakeLog(), Log({"time@0", "erase"}));
}

// Over a store that fails at its third commit, exactly what was released before is there after the
// restart.
TEST_F(DriverCoreTest, WhatWasReleasedIsInTheStoreAfterAFailure) {
  store::MemoryDisk disk;
  store::MemoryStore real(disk);
  store::FaultyStore faulty(real, {.failing_commit = 3});
  DriverCore core([this](absl::Time now, const engine::Event& event) { return Step(now, event); },
                  faulty, *this, kStart, {});
  EXPECT_TRUE(Run(core, 0, {Closed(1)}).ok());
  EXPECT_TRUE(Run(core, 0, {Closed(2)}).ok());
  EXPECT_FALSE(Run(core, 0, {Closed(3)}).ok());
  EXPECT_EQ(TakeLog(), Log({"step 1@0", "send 1", "step 2@0", "send 2", "step 3@0"}));
  EXPECT_EQ(disk.jobs.size(), 2u);
}

}  // namespace
}  // namespace caviar::driver
