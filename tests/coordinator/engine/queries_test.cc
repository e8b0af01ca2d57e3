#include "coordinator/engine/queries.h"

#include <gmock/gmock.h>

#include "tests/coordinator/engine/engine_harness.h"

namespace caviar::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class QueriesTest : public ::testing::Test {
 protected:
  // Trials 1..4 with values 0.2, 0.9, infeasible, 0.9, and one running without a value.
  QueriesTest() {
    job_ = harness_.MustSubmit(EngineHarness::Spec(5, 1));
    session_ = harness_.Connect("w");
    for (const double value : {0.2, 0.9, -1.0, 0.9}) {
      const v1::Assign assign = harness_.TakeAssign(session_);
      if (value >= 0) {
        harness_.Complete(session_, assign, value);
      } else {
        harness_.Finish(session_, assign.id(), 0, v1::AttemptFinished::INFEASIBLE, "", "NaN");
      }
    }
  }
  v1::Leaderboard Leaderboard(const std::string& filter, const std::string& order_by,
                              int page_size = 0, const std::string& token = "") {
    v1::GetLeaderboardRequest request;
    request.set_job("job");
    request.set_filter(filter);
    request.set_order_by(order_by);
    request.set_page_size(page_size);
    request.set_page_token(token);
    const auto answer = GetLeaderboard(harness_.state(), request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or(v1::Leaderboard());
  }
  static std::vector<std::pair<uint32_t, uint32_t>> RanksAndTrials(const v1::Leaderboard& board) {
    std::vector<std::pair<uint32_t, uint32_t>> pairs;
    for (const auto& entry : board.entries()) pairs.emplace_back(entry.rank(), entry.trial());
    return pairs;
  }
  using Pairs = std::vector<std::pair<uint32_t, uint32_t>>;

  EngineHarness harness_;
  uint32_t job_ = 0;
  SessionId session_{};
};

TEST_F(QueriesTest, LeaderboardGoesByValueThenNumberAndListsTheRestUnranked) {
  const v1::Leaderboard board = Leaderboard("", "");
  EXPECT_EQ(RanksAndTrials(board), (Pairs{{1, 2}, {2, 4}, {3, 1}, {0, 3}, {0, 5}}));
  EXPECT_FALSE(board.entries(3).has_value());
  EXPECT_EQ(board.test().accuracy(), 0.5);
  EXPECT_EQ(board.job().best_trial(), 2u);
}

TEST_F(QueriesTest, LeaderboardPagesKeepRanks) {
  const v1::Leaderboard first = Leaderboard("", "", 2);
  EXPECT_EQ(RanksAndTrials(first), (Pairs{{1, 2}, {2, 4}}));
  const v1::Leaderboard second = Leaderboard("", "", 2, first.next_page_token());
  EXPECT_EQ(RanksAndTrials(second), (Pairs{{3, 1}, {0, 3}}));
  const v1::Leaderboard third = Leaderboard("", "", 2, second.next_page_token());
  EXPECT_EQ(RanksAndTrials(third), (Pairs{{0, 5}}));
  EXPECT_EQ(third.next_page_token(), "");
}

TEST_F(QueriesTest, LeaderboardFilterKeepsRanksAmongAll) {
  EXPECT_EQ(RanksAndTrials(Leaderboard("value < 0.5", "")), (Pairs{{3, 1}}));
  EXPECT_EQ(RanksAndTrials(Leaderboard("state = INFEASIBLE", "")), (Pairs{{0, 3}}));
}

TEST_F(QueriesTest, LeaderboardOrderByPages) {
  const v1::Leaderboard first = Leaderboard("", "number desc", 2);
  EXPECT_EQ(RanksAndTrials(first), (Pairs{{0, 5}, {2, 4}}));
  EXPECT_EQ(RanksAndTrials(Leaderboard("", "number desc", 2, first.next_page_token())),
            (Pairs{{0, 3}, {1, 2}}));
}

TEST_F(QueriesTest, BadFilterOrderAndTokenAreInvalidArguments) {
  for (const auto& [filter, order, token] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"value <", "", ""}, {"", "no_such_name", ""}, {"", "", "x"}}) {
    v1::GetLeaderboardRequest request;
    request.set_job("1");
    request.set_filter(filter);
    request.set_order_by(order);
    request.set_page_token(token);
    EXPECT_EQ(GetLeaderboard(harness_.state(), request).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(QueriesTest, TrialsGoByNumberAndPage) {
  v1::ListTrialsRequest request;
  request.set_job("1");
  request.set_page_size(3);
  std::vector<uint32_t> numbers;
  do {
    const v1::ListTrialsResponse response = ListTrials(harness_.state(), request).value();
    for (const v1::Trial& trial : response.trials()) numbers.push_back(trial.number());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(QueriesTest, JobsGoNewestFirstAndPage) {
  for (int i = 0; i < 4; ++i) harness_.MustSubmit(EngineHarness::Spec());
  v1::ListJobsRequest request;
  request.set_page_size(2);
  std::vector<uint32_t> ids;
  do {
    const v1::ListJobsResponse response = ListJobs(harness_.state(), request).value();
    for (const v1::Job& job : response.jobs()) ids.push_back(job.id());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(ids, ElementsAre(5, 4, 3, 2, 1));
}

TEST_F(QueriesTest, AJobsNameMeansTheNewestSoNamed) {
  const uint32_t newer = harness_.MustSubmit(EngineHarness::Spec());
  EXPECT_EQ(ResolveJob(harness_.state(), "job").value(), newer);
  EXPECT_EQ(ResolveJob(harness_.state(), "1").value(), 1u);
  EXPECT_EQ(ResolveJob(harness_.state(), "").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(QueriesTest, TheBestModelIsThatOfTheBestValue) {
  v1::GetModelRequest request;
  request.set_job("1");
  EXPECT_EQ(FindModel(harness_.state(), request)->trial, 2u);
  EXPECT_EQ(FindModel(harness_.state(), request)->digest, Digest("model1.2"));
  request.set_trial(3);
  EXPECT_EQ(FindModel(harness_.state(), request).status().code(),
            absl::StatusCode::kFailedPrecondition);
  request.set_trial(99);
  EXPECT_EQ(FindModel(harness_.state(), request).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(QueriesTest, ChangesComeInOrderInBoundedPiecesAndOnlyOnce) {
  std::vector<uint32_t> seen;
  uint64_t cursor = 0;
  bool has_job = false;
  for (int guard = 0; guard < 20; ++guard) {
    const JobChanges changes = ChangesAfter(harness_.state(), job_, cursor, 2).value();
    EXPECT_LE(changes.trials.size(), 2u);
    for (const v1::Trial& trial : changes.trials) seen.push_back(trial.number());
    has_job |= changes.job.has_value();
    if (changes.through_sequence == cursor) break;
    cursor = changes.through_sequence;
    EXPECT_FALSE(changes.is_final);
  }
  EXPECT_THAT(seen, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_TRUE(has_job);
  EXPECT_THAT(ChangesAfter(harness_.state(), job_, cursor, 2)->trials, IsEmpty());
}

TEST_F(QueriesTest, ChangesAfterACursorAreThoseOfLaterSteps) {
  const uint64_t cursor = ChangesAfter(harness_.state(), job_, 0, 1000).value().through_sequence;
  v1::AttemptId id;
  id.set_job(job_);
  id.set_trial(5);
  id.set_attempt(1);
  harness_.Measure(session_, id, 1, 1, {0.95});
  const JobChanges changes = ChangesAfter(harness_.state(), job_, cursor, 1000).value();
  ASSERT_EQ(changes.trials.size(), 1u);
  EXPECT_EQ(changes.trials[0].number(), 5u);
  EXPECT_THAT(changes.measured_trials, ElementsAre(5u));
  ASSERT_TRUE(changes.job.has_value());
  EXPECT_EQ(changes.job->best_trial(), 5u);
  // The rows in the store that are newer than the cursor are those of this change.
  store::MemoryStore store(harness_.disk());
  EXPECT_EQ(store.ReadMeasured(job_, cursor, 100)->size(), 1u);
  harness_.Finish(session_, id, 1);
  const JobChanges last =
      ChangesAfter(harness_.state(), job_, changes.through_sequence, 1000).value();
  EXPECT_TRUE(last.is_final);
  EXPECT_EQ(last.job->state(), v1::Job::COMPLETED);
}

TEST_F(QueriesTest, CursorsOutliveARestart) {
  const JobChanges before = ChangesAfter(harness_.state(), job_, 0, 1000).value();
  harness_.Restart();
  const JobChanges after =
      ChangesAfter(harness_.state(), job_, before.through_sequence, 1000).value();
  EXPECT_EQ(after.through_sequence, before.through_sequence);
  EXPECT_THAT(after.trials, IsEmpty());
  EXPECT_EQ(ChangesAfter(harness_.state(), job_, before.through_sequence + 1, 1).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(QueriesTest, EverythingReadsTheSameAfterARestart) {
  const std::string before = Leaderboard("", "").DebugString();
  harness_.Restart();
  EXPECT_EQ(Leaderboard("", "").DebugString(), before);
}

TEST(RestoreTest, RefusesRecordsThatContradictEachOther) {
  EngineHarness harness;
  const uint32_t job = harness.MustSubmit(EngineHarness::Spec(3));
  harness.Connect("w", 2);
  store::MemoryStore store(harness.disk());
  const Snapshot good = store.Load().value();
  const auto code = [&](const Snapshot& snapshot) {
    return Engine::Restore({}, snapshot, harness.now()).status().code();
  };
  EXPECT_EQ(code(good), absl::StatusCode::kOk);
  Snapshot bad = good;
  bad.trials[1].set_number(3);
  EXPECT_EQ(code(bad), absl::StatusCode::kDataLoss) << "a trial is missing";
  bad = good;
  bad.jobs.clear();
  EXPECT_EQ(code(bad), absl::StatusCode::kDataLoss) << "a trial without its job";
  bad = good;
  bad.engine.set_next_job_id(job);
  EXPECT_EQ(code(bad), absl::StatusCode::kDataLoss) << "an id that would be given again";
  bad = good;
  bad.datasets.clear();
  EXPECT_EQ(code(bad), absl::StatusCode::kDataLoss) << "a live job without data";
  bad = good;
  bad.trials[0].set_epochs(2);
  EXPECT_EQ(code(bad), absl::StatusCode::kDataLoss) << "more epochs than on the curve";
  bad = good;
  bad.trials[0].set_until_epoch(1000);
  EXPECT_EQ(code(bad), absl::StatusCode::kDataLoss) << "more epochs than the budget";
  bad = good;
  bad.jobs[0].set_state(v1::Job::COMPLETED);
  EXPECT_EQ(code(bad), absl::StatusCode::kDataLoss) << "a live trial in an ended job";
}

}  // namespace
}  // namespace caviar::engine
