#include "coordinator/driver/driver.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/engine/queries.h"
#include "coordinator/store/faulty_store.h"
#include "coordinator/store/memory_store.h"

namespace caviar::driver {
namespace {

constexpr absl::Time kStart = absl::FromUnixSeconds(1'000'000);

// An event that writes one record and is answered.
engine::Event Imported(uint64_t request, const std::string& name) {
  engine::DatasetImported imported;
  imported.request = engine::RequestId{request};
  imported.dataset.set_name(name);
  imported.dataset.set_digest(name);
  return imported;
}

// The real engine, a store in memory and a clock that stands: nothing happens but what a test asks.
class DriverTest : public testing::Test, public Sink {
 protected:
  // On the driver's thread; read it after Stop.
  void Release(engine::Send send) override {
    if (const auto* reply = std::get_if<engine::Reply>(&send)) {
      EXPECT_TRUE(reply->answer.ok()) << reply->answer.status();
      // Only what is durable is answered.
      const auto& dataset = std::get<v1::Dataset>(*reply->answer);
      EXPECT_TRUE(disk_.datasets.contains(dataset.name())) << dataset.name();
      replies_.push_back(static_cast<uint64_t>(reply->request));
    }
  }

  Driver MakeDriver(DriverOptions options = {}) {
    return Driver(engine::Engine(engine::EngineOptions()), store_, clock_, *this, options);
  }

  store::MemoryDisk disk_;
  store::MemoryStore memory_{disk_};
  store::FaultPlan plan_;
  store::FaultyStore store_{memory_, plan_};
  FakeClock clock_{kStart};
  std::vector<uint64_t> replies_;
};

TEST_F(DriverTest, AQuestionSeesAllThatWasPostedBeforeItAndNothingAfter) {
  Driver driver = MakeDriver();
  std::promise<int> seen;
  ASSERT_TRUE(driver.Post(Imported(1, "a")).ok());
  ASSERT_TRUE(driver.Post(Imported(2, "b")).ok());
  ASSERT_TRUE(driver
                  .Read([this, &seen](const Driver::View& view) {
                    EXPECT_EQ(replies_, (std::vector<uint64_t>{1, 2}));
                    seen.set_value(engine::ListDatasets(view.state, {})->datasets_size());
                  })
                  .ok());
  driver.Start();
  EXPECT_EQ(seen.get_future().get(), 2);
  driver.Stop();
}

TEST_F(DriverTest, StopStepsWhatWasPostedAndRefusesTheRest) {
  constexpr uint64_t kPosts = 3500;  // several batches
  Driver driver = MakeDriver();
  for (uint64_t i = 1; i <= kPosts; ++i) {
    ASSERT_TRUE(driver.Post(Imported(i, absl::StrCat("d", i))).ok());
  }
  driver.Start();
  driver.Stop();
  ASSERT_EQ(replies_.size(), kPosts);
  for (uint64_t i = 0; i < kPosts; ++i) ASSERT_EQ(replies_[i], i + 1);
  EXPECT_EQ(driver.Post(Imported(9, "late")).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(driver.Read([](const Driver::View&) { FAIL(); }).code(),
            absl::StatusCode::kUnavailable);
  driver.Stop();  // again: nothing
}

TEST_F(DriverTest, BeyondItsInboxPostsAreRefusedAndNoneIsLost) {
  Driver driver = MakeDriver({.inbox_events_max = 2});
  ASSERT_TRUE(driver.Post(Imported(1, "a")).ok());
  ASSERT_TRUE(driver.Post(Imported(2, "b")).ok());
  EXPECT_EQ(driver.Post(Imported(3, "c")).code(), absl::StatusCode::kResourceExhausted);
  driver.Start();
  driver.Stop();
  EXPECT_EQ(replies_, (std::vector<uint64_t>{1, 2}));
  EXPECT_FALSE(disk_.datasets.contains("c"));
}

TEST_F(DriverTest, HearsWorkersWhenUsersHaveFilledTheInbox) {
  Driver driver = MakeDriver({.inbox_events_max = 8});
  int questions = 0;
  while (driver.Read([](const Driver::View&) {}).ok()) ++questions;
  EXPECT_EQ(questions, 6);
  EXPECT_FALSE(driver.Post(Imported(1, "a")).ok());
  EXPECT_TRUE(driver.Post(engine::WorkerSaid{engine::SessionId{1}, {}}).ok());
}

TEST_F(DriverTest, CountsTheBytesOfMessages) {
  Driver driver = MakeDriver({.inbox_bytes_max = 100'000});
  const std::string large(30'000, 'x');  // as name and as digest
  ASSERT_TRUE(driver.Post(Imported(1, large)).ok());
  EXPECT_FALSE(driver.Post(Imported(2, large)).ok());
  EXPECT_FALSE(driver.Read([](const Driver::View&) {}, large.size()).ok());
  EXPECT_TRUE(driver.Post(Imported(3, "small")).ok());
}

TEST_F(DriverTest, AFailedCommitIsReportedOnceAndNothingIsAnsweredAfterIt) {
  store::FaultyStore failing(memory_, {.failing_commit = 1});
  std::promise<absl::Status> fatal;
  Driver driver(engine::Engine(engine::EngineOptions()), failing, clock_, *this,
                {.on_fatal = [&fatal](const absl::Status& status) { fatal.set_value(status); }});
  ASSERT_TRUE(driver.Post(Imported(1, "a")).ok());
  ASSERT_TRUE(driver.Read([](const Driver::View&) { ADD_FAILURE() << "answered"; }).ok());
  driver.Start();
  EXPECT_EQ(fatal.get_future().get().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(driver.Post(Imported(2, "b")).code(), absl::StatusCode::kUnavailable);
  driver.Stop();
  EXPECT_TRUE(replies_.empty());
}

TEST_F(DriverTest, ManyThreadsPostAndReadWhileItRuns) {
  constexpr uint64_t kThreads = 4;
  constexpr uint64_t kEach = 200;
  Driver driver = MakeDriver();
  driver.Start();
  std::vector<std::thread> threads;
  for (uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&driver, thread] {
      for (uint64_t i = 0; i < kEach; ++i) {
        const std::string name = absl::StrCat(thread, "-", i);
        ASSERT_TRUE(driver.Post(Imported(thread * kEach + i, name)).ok());
        std::promise<bool> found;
        ASSERT_TRUE(driver
                        .Read([&found, &name](const Driver::View& view) {
                          found.set_value(engine::GetDataset(view.state, name).ok());
                        })
                        .ok());
        EXPECT_TRUE(found.get_future().get()) << name;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  driver.Stop();
  EXPECT_EQ(replies_.size(), kThreads * kEach);
}

}  // namespace
}  // namespace caviar::driver
