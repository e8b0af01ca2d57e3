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

DriverCore::Input Session(uint64_t number) {
  return engine::Event(engine::SessionClosed{engine::SessionId{number}});
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
  Inbox inbox(10);
  for (const uint64_t number : {3, 1, 2}) ASSERT_TRUE(inbox.Put(Session(number)).ok());
  const Inbox::Taken taken = inbox.Take(kForever);
  EXPECT_EQ(Numbers(taken), (std::vector<uint64_t>{3, 1, 2}));
  EXPECT_FALSE(taken.is_last);
  EXPECT_TRUE(inbox.Take(absl::ZeroDuration()).inputs.empty());
}

TEST(InboxTest, RefusesWhatIsBeyondItsBoundUntilSomethingWasTaken) {
  Inbox inbox(2);
  ASSERT_TRUE(inbox.Put(Session(1)).ok());
  ASSERT_TRUE(inbox.Put(Session(2)).ok());
  const absl::Status full = inbox.Put(Session(3));
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(full.message().find("try again later"), std::string::npos) << full;
  EXPECT_EQ(Numbers(inbox.Take(kForever)), (std::vector<uint64_t>{1, 2}));
  EXPECT_TRUE(inbox.Put(Session(4)).ok());
}

TEST(InboxTest, ClosedItRefusesButStillGivesWhatWasPut) {
  Inbox inbox(10);
  ASSERT_TRUE(inbox.Put(Session(1)).ok());
  inbox.Close();
  EXPECT_EQ(inbox.Put(Session(2)).code(), absl::StatusCode::kUnavailable);
  const Inbox::Taken taken = inbox.Take(kForever);
  EXPECT_EQ(Numbers(taken), std::vector<uint64_t>{1});
  EXPECT_TRUE(taken.is_last);
  EXPECT_TRUE(inbox.Take(kForever).is_last);
}

TEST(InboxTest, ClosingWakesTheTaker) {
  Inbox inbox(10);
  std::thread closer([&inbox] { inbox.Close(); });
  while (!inbox.Take(kForever).is_last) {
  }
  closer.join();
}

TEST(InboxTest, KeepsTheOrderOfEachOfManyThreads) {
  constexpr uint64_t kThreads = 4;
  constexpr uint64_t kEach = 2000;
  Inbox inbox(kThreads * kEach);
  std::vector<std::thread> threads;
  for (uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&inbox, thread] {
      for (uint64_t i = 0; i < kEach; ++i) ASSERT_TRUE(inbox.Put(Session(thread * kEach + i)).ok());
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
