// The small tables that connect calls, sessions and cursors with the engine.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "coordinator/service/reply_table.h"
#include "coordinator/service/session_table.h"
#include "coordinator/service/task_pool.h"
#include "coordinator/service/watch_cursor.h"

namespace caviar::service {
namespace {

TEST(ReplyTableTest, GivesEachAnswerToTheOneWhoAsked) {
  ReplyTable replies;
  int first = 0, second = 0;
  const engine::RequestId one = replies.Expect([&](Answer) { ++first; });
  const engine::RequestId other = replies.Expect([&](Answer) { ++second; });
  EXPECT_NE(one, other);
  (*replies.Take(other))(v1::Job());
  EXPECT_EQ(first, 0);
  EXPECT_EQ(second, 1);
}

TEST(ReplyTableTest, AnswersOnlyOnceAndNeverAfterForgetting) {
  ReplyTable replies;
  const engine::RequestId taken = replies.Expect([](Answer) {});
  EXPECT_TRUE(replies.Take(taken).has_value());
  EXPECT_FALSE(replies.Take(taken).has_value());
  const engine::RequestId forgotten = replies.Expect([](Answer) {});
  replies.Forget(forgotten);
  EXPECT_FALSE(replies.Take(forgotten).has_value());
  EXPECT_FALSE(replies.Take(engine::RequestId{99}).has_value());
}

class NoStream : public WorkerStream {
 public:
  void Tell(v1::CoordinatorMessage) override {}
  void Close(const absl::Status&) override {}
};

TEST(SessionTableTest, NeverMintsAnIdTwice) {
  SessionTable sessions;
  const engine::SessionId first = sessions.Mint();
  sessions.Add(first, std::make_shared<NoStream>());
  sessions.Remove(first);
  EXPECT_NE(sessions.Mint(), first);
}

TEST(SessionTableTest, LetsGoOfAStreamThatLeft) {
  SessionTable sessions;
  const auto stream = std::make_shared<NoStream>();
  const engine::SessionId id = sessions.Mint();
  sessions.Add(id, stream);
  EXPECT_EQ(sessions.Find(id), stream);
  EXPECT_EQ(sessions.All().size(), 1u);
  sessions.Remove(id);
  sessions.Remove(id);
  EXPECT_EQ(sessions.Find(id), nullptr);
  EXPECT_EQ(stream.use_count(), 1);
}

TEST(TaskPoolTest, OneThreadKeepsTheOrder) {
  std::vector<int> ran;
  {
    TaskPool pool(1);
    for (int i = 0; i < 1000; ++i) pool.Run([&ran, i] { ran.push_back(i); });
  }
  ASSERT_EQ(ran.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(ran[static_cast<size_t>(i)], i);
}

TEST(TaskPoolTest, SeveralThreadsRunEveryTaskOnce) {
  std::atomic<int> ran = 0;
  {
    TaskPool pool(4);
    std::vector<std::thread> givers;
    for (int giver = 0; giver < 4; ++giver) {
      givers.emplace_back([&] {
        for (int i = 0; i < 250; ++i) pool.Run([&] { ++ran; });
      });
    }
    for (std::thread& giver : givers) giver.join();
    pool.Stop();
    pool.Run([&] { ++ran; });  // dropped
  }
  EXPECT_EQ(ran, 1000);
}

TEST(WatchCursorTest, ReadsWhatItWrote) {
  const auto cursor = ParseWatchCursor(FormatWatchCursor({7, 12345678901234}));
  ASSERT_TRUE(cursor.ok());
  EXPECT_EQ(cursor->job, 7u);
  EXPECT_EQ(cursor->sequence, 12345678901234u);
}

TEST(WatchCursorTest, RefusesAnythingElse) {
  for (const char* text : {"", "-", "7", "7-", "-7", "7-1-2", "x-1", "7-18446744073709551616"}) {
    EXPECT_EQ(ParseWatchCursor(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace caviar::service
