#include "coordinator/service/watch_hub.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

namespace caviar::service {
namespace {

// Counts its pulls and lets a test wait for them.
class FakeWatcher : public Watcher {
 public:
  void Pull() override {
    MutexLock lock(&mutex_);
    ++pulls_;
    changed_.NotifyAll();
  }
  void Close(const absl::Status& why) override {
    MutexLock lock(&mutex_);
    closed_ = why;
  }
  void AwaitPulls(int pulls) {
    MutexLock lock(&mutex_);
    while (pulls_ < pulls) changed_.Wait(&mutex_);
  }
  int pulls() {
    MutexLock lock(&mutex_);
    return pulls_;
  }
  absl::Status closed() {
    MutexLock lock(&mutex_);
    return closed_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  int pulls_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status closed_ ABSL_GUARDED_BY(mutex_);
};

struct Joined {
  std::shared_ptr<FakeWatcher> watcher = std::make_shared<FakeWatcher>();
  WatchHub::WatcherId id{};

  Joined(WatchHub& hub, uint32_t job) { id = *hub.Add(job, watcher); }
};

TEST(WatchHubTest, PullsOnceAtJoining) {
  WatchHub hub;
  Joined one(hub, 1);
  one.watcher->AwaitPulls(1);
  EXPECT_EQ(one.watcher->pulls(), 1);
}

TEST(WatchHubTest, DoesNotPullAgainBeforeThePullIsDone) {
  WatchHub hub;
  Joined slow(hub, 1), quick(hub, 1);
  slow.watcher->AwaitPulls(1);
  for (int i = 1; i <= 3; ++i) {
    quick.watcher->AwaitPulls(i);
    hub.Pulled(quick.id, Next::kWhenChanged);
    hub.JobChanged(1, /*has_ended=*/false);
  }
  quick.watcher->AwaitPulls(4);
  EXPECT_EQ(slow.watcher->pulls(), 1);
  // What it missed is one pull, not three.
  hub.Pulled(slow.id, Next::kWhenChanged);
  slow.watcher->AwaitPulls(2);
}

TEST(WatchHubTest, WakesThoseOfTheChangedJobOnly) {
  WatchHub hub;
  Joined one(hub, 1), other(hub, 2);
  one.watcher->AwaitPulls(1);
  other.watcher->AwaitPulls(1);
  hub.Pulled(one.id, Next::kWhenChanged);
  hub.Pulled(other.id, Next::kWhenChanged);
  hub.JobChanged(2, /*has_ended=*/false);
  other.watcher->AwaitPulls(2);
  EXPECT_EQ(one.watcher->pulls(), 1);
}

TEST(WatchHubTest, GoesOnWithoutAChangeWhenThereIsABacklog) {
  WatchHub hub;
  Joined one(hub, 1);
  one.watcher->AwaitPulls(1);
  hub.Pulled(one.id, Next::kAtOnce);
  one.watcher->AwaitPulls(2);
  hub.Pulled(one.id, Next::kSoon);
  one.watcher->AwaitPulls(3);
}

TEST(WatchHubTest, TellsOfTheEndOfAJobWhateverThePace) {
  WatchHub hub(std::chrono::hours(1));
  Joined idle(hub, 1), pulling(hub, 1);
  idle.watcher->AwaitPulls(1);
  pulling.watcher->AwaitPulls(1);
  hub.Pulled(idle.id, Next::kWhenChanged);
  hub.JobChanged(1, /*has_ended=*/false);
  hub.JobChanged(1, /*has_ended=*/true);
  idle.watcher->AwaitPulls(2);
  hub.Pulled(pulling.id, Next::kWhenChanged);
  pulling.watcher->AwaitPulls(2);
}

TEST(WatchHubTest, ForgetsThoseWhoLeft) {
  WatchHub hub;
  Joined one(hub, 1), other(hub, 1);
  one.watcher->AwaitPulls(1);
  other.watcher->AwaitPulls(1);
  hub.Pulled(one.id, Next::kWhenChanged);
  hub.Remove(one.id);
  hub.Pulled(other.id, Next::kWhenChanged);
  hub.JobChanged(1, /*has_ended=*/false);
  other.watcher->AwaitPulls(2);
  EXPECT_EQ(one.watcher->pulls(), 1);
  EXPECT_EQ(one.watcher.use_count(), 1);
}

TEST(WatchHubTest, RefusesWatchersBeyondTheBound) {
  WatchHub hub;
  std::vector<Joined> all;
  for (int i = 0; i < WatchHub::kWatchersMax; ++i) all.emplace_back(hub, 1);
  EXPECT_EQ(hub.Add(1, std::make_shared<FakeWatcher>()).status().code(),
            absl::StatusCode::kResourceExhausted);
  hub.Remove(all.front().id);
  EXPECT_TRUE(hub.Add(1, std::make_shared<FakeWatcher>()).ok());
}

TEST(WatchHubTest, ClosesThoseThatAreThereAndThoseThatCome) {
  WatchHub hub;
  Joined one(hub, 1);
  hub.CloseAll(absl::UnavailableError("closing"));
  EXPECT_EQ(one.watcher->closed().message(), "closing");
  EXPECT_EQ(hub.Add(1, std::make_shared<FakeWatcher>()).status().message(), "closing");
}

}  // namespace
}  // namespace caviar::service
