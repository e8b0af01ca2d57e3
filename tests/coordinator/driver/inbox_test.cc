#include "coordinator/driver/inbox.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace caviar::driver {
namespace {

// Far beyond any test: whoever waits it out has missed a wake-up, and the test's own limit ends it.
constexpr absl::Duration kForever = absl::InfiniteDuration();

constexpr size_t kPlenty = size_t{1} << 30;
using Sender = Inbox::Sender;

DriverCore::Input Session(uint64_t number) {
  return engine::Event(engine::SessionClosed{engine::SessionId{number}});
}

absl::Status Put(Inbox& inbox, uint64_t number, Sender sender = Sender::kWorker, size_t bytes = 1) {
  return inbox.Put(Session(number), sender, bytes);
}

std::vector<uint64_t> Numbers(const Inbox::Taken& taken) {
  std::vector<uint64_t> numbers;
  for (const DriverCore::Input& input : taken.inputs) {
    numbers.push_back(static_cast<uint64_t>(
        std::get<engine::SessionClosed>(std::get<engine::Event>(input)).session));
  }
  return numbers;
}

TEST(InboxTest, GivesAllThereIsInOrder) {
  Inbox inbox({.inputs_max = 10, .bytes_max = kPlenty});
  for (const uint64_t number : {3, 1, 2}) ASSERT_TRUE(Put(inbox, number).ok());
  const Inbox::Taken taken = inbox.Take(kForever);
  EXPECT_EQ(Numbers(taken), (std::vector<uint64_t>{3, 1, 2}));
  EXPECT_FALSE(taken.is_last);
  EXPECT_TRUE(inbox.Take(absl::ZeroDuration()).inputs.empty());
}

TEST(InboxTest, AlwaysTakesWhatTheEngineAskedFor) {
  Inbox inbox({.inputs_max = 1, .bytes_max = 1});
  ASSERT_TRUE(Put(inbox, 1).ok());
  ASSERT_FALSE(Put(inbox, 2).ok());
  EXPECT_TRUE(Put(inbox, 3, Sender::kEngine, 1000).ok());
  EXPECT_EQ(Numbers(inbox.Take(kForever)), (std::vector<uint64_t>{1, 3}));
}

TEST(InboxTest, RefusesWhatIsBeyondItsBoundUntilSomethingWasTaken) {
  Inbox inbox({.inputs_max = 2, .bytes_max = kPlenty});
  ASSERT_TRUE(Put(inbox, 1).ok());
  ASSERT_TRUE(Put(inbox, 2).ok());
  const absl::Status full = Put(inbox, 3);
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(full.message().find("try again later"), std::string::npos) << full;
  EXPECT_EQ(Numbers(inbox.Take(kForever)), (std::vector<uint64_t>{1, 2}));
  EXPECT_TRUE(Put(inbox, 4).ok());
}

TEST(InboxTest, RefusesBytesBeyondItsBoundButTakesOneLargeInputAlone) {
  Inbox inbox({.inputs_max = 100, .bytes_max = 1000});
  ASSERT_TRUE(Put(inbox, 1, Sender::kWorker, 600).ok());
  EXPECT_EQ(Put(inbox, 2, Sender::kWorker, 401).code(), absl::StatusCode::kResourceExhausted);
  ASSERT_TRUE(Put(inbox, 3, Sender::kWorker, 400).ok());
  EXPECT_EQ(Numbers(inbox.Take(kForever)), (std::vector<uint64_t>{1, 3}));
  ASSERT_TRUE(Put(inbox, 4, Sender::kWorker, 5000).ok());
  EXPECT_FALSE(Put(inbox, 5, Sender::kWorker, 1).ok());
  EXPECT_EQ(Numbers(inbox.Take(kForever)), std::vector<uint64_t>{4});
}

// One client that asks without pause must not cost any worker its lease.
TEST(InboxTest, KeepsAQuarterForWorkers) {
  Inbox inbox({.inputs_max = 100, .bytes_max = 1000});
  uint64_t users = 0;
  while (Put(inbox, users, Sender::kUser).ok()) ++users;
  EXPECT_EQ(users, 75u);
  uint64_t workers = 0;
  while (Put(inbox, users + workers).ok()) ++workers;
  EXPECT_EQ(workers, 25u);

  inbox.Take(kForever);
  ASSERT_TRUE(Put(inbox, 1, Sender::kUser, 700).ok());
  EXPECT_FALSE(Put(inbox, 2, Sender::kUser, 100).ok());
  EXPECT_TRUE(Put(inbox, 3, Sender::kWorker, 300).ok());
}

TEST(InboxTest, ClosedItRefusesButStillGivesWhatWasPut) {
  Inbox inbox({.inputs_max = 10, .bytes_max = kPlenty});
  ASSERT_TRUE(Put(inbox, 1).ok());
  inbox.Close();
  EXPECT_EQ(Put(inbox, 2).code(), absl::StatusCode::kUnavailable);
  const Inbox::Taken taken = inbox.Take(kForever);
  EXPECT_EQ(Numbers(taken), std::vector<uint64_t>{1});
  EXPECT_TRUE(taken.is_last);
  EXPECT_TRUE(inbox.Take(kForever).is_last);
}

TEST(InboxTest, ClosingWakesTheTaker) {
  Inbox inbox({.inputs_max = 10, .bytes_max = kPlenty});
  std::thread closer([&inbox] { inbox.Close(); });
  while (!inbox.Take(kForever).is_last) {
  }
  closer.join();
}

TEST(InboxTest, KeepsTheOrderOfEachOfManyThreads) {
  constexpr uint64_t kThreads = 4;
  constexpr uint64_t kEach = 2000;
  Inbox inbox({.inputs_max = kThreads * kEach, .bytes_max = kPlenty});
  std::vector<std::thread> threads;
  for (uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&inbox, thread] {
      for (uint64_t i = 0; i < kEach; ++i) ASSERT_TRUE(Put(inbox, thread * kEach + i).ok());
    });
  }
  std::array<uint64_t, kThreads> taken{};
  for (uint64_t total = 0; total < kThreads * kEach;) {
    for (const uint64_t number : Numbers(inbox.Take(kForever))) {
      EXPECT_EQ(number % kEach, taken.at(number / kEach)++);
      ++total;
    }
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace caviar::driver
