#include "client/cli/search_client.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <semaphore>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/digest/sha256.h"
#include "common/file/durable_file.h"
#include "tests/client/cli/fake_search_service.h"

namespace caviar::cli {
namespace {

class SearchClientTest : public testing::Test {
 protected:
  SearchClientTest() : client_({service_.address()}) {}

  std::string TempPath(const std::string& name) {
    return absl::StrCat(testing::TempDir(), "search_client_test_", name);
  }
  void AddUpdates(int count) {
    for (int i = 1; i <= count; ++i) {
      v1::JobUpdate update;
      update.mutable_trial()->set_number(i);
      service_.updates.push_back(update);
    }
  }

  FakeSearchService service_;
  SearchClient client_;
};

TEST_F(SearchClientTest, RepeatsASubmitWithTheSameRequestId) {
  service_.hiccups = 2;
  EXPECT_TRUE(client_.SubmitJob(v1::JobSpec()).ok());
  ASSERT_EQ(service_.submits.size(), 3u);
  EXPECT_EQ(service_.submits[0].request_id().size(), 36u);
  EXPECT_EQ(service_.submits[0].request_id(), service_.submits[2].request_id());
  EXPECT_TRUE(client_.SubmitJob(v1::JobSpec()).ok());
  EXPECT_NE(service_.submits[0].request_id(), service_.submits[3].request_id());
}

TEST_F(SearchClientTest, DoesNotRepeatADelete) {
  service_.hiccups = 1;
  EXPECT_TRUE(absl::IsUnavailable(client_.DeleteJob("1")));
  EXPECT_EQ(service_.calls.size(), 1u);
}

TEST_F(SearchClientTest, ReturnsTheServersWordsWithoutPrefixes) {
  service_.failure = grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "space.x: bad\nseed: bad");
  const auto job = client_.SubmitJob(v1::JobSpec());
  EXPECT_EQ(job.status(), absl::InvalidArgumentError("space.x: bad\nseed: bad"));
  EXPECT_EQ(service_.calls.size(), 1u);
}

TEST(SearchClientWithoutServerTest, SaysWhereItLookedAndWhatToDo) {
  SearchClient client({"127.0.0.1:1"});
  const auto jobs = client.ListJobs();
  EXPECT_TRUE(absl::IsUnavailable(jobs.status()));
  // gRPC's own reason, in between, depends on how far it came.
  EXPECT_TRUE(
      absl::StartsWith(jobs.status().message(), "cannot reach a coordinator at 127.0.0.1:1 ("))
      << jobs.status();
  EXPECT_TRUE(absl::EndsWith(jobs.status().message(),
                             "); start one with caviar up, or say where it is with --server "
                             "HOST:PORT or CAVIAR_SERVER"))
      << jobs.status();
}

TEST_F(SearchClientTest, FetchesAllPages) {
  for (int i = 1; i <= 5; ++i) {
    service_.trials.emplace_back().set_number(i);
    service_.leaderboard.emplace_back().set_rank(i);
  }
  service_.job.set_id(9);
  EXPECT_EQ(client_.ListTrials(v1::ListTrialsRequest())->trials_size(), 5);
  const auto all = client_.GetLeaderboard(v1::GetLeaderboardRequest(), 0);
  EXPECT_EQ(all->entries_size(), 5);
  EXPECT_EQ(all->entries(4).rank(), 5u);
  EXPECT_EQ(all->job().id(), 9u);
  EXPECT_EQ(all->next_page_token(), "");
  EXPECT_EQ(client_.GetLeaderboard(v1::GetLeaderboardRequest(), 3)->entries_size(), 3);
}

TEST_F(SearchClientTest, TakesABrokenWatchUpAfterItsLastCursor) {
  AddUpdates(7);
  service_.updates_a_stream = 3;
  std::vector<uint32_t> seen;
  EXPECT_TRUE(client_
                  .WatchJob(v1::WatchJobRequest(),
                            [&](const v1::JobUpdate& update) {
                              seen.push_back(update.trial().number());
                              return absl::OkStatus();
                            })
                  .ok());
  EXPECT_EQ(seen, (std::vector<uint32_t>{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(service_.watch_cursors, (std::vector<std::string>{"", "3", "6"}));
}

TEST_F(SearchClientTest, TellsOnceThatTheCoordinatorWentAwayAndOnceThatItIsBack) {
  AddUpdates(2);
  service_.updates_a_stream = 1;
  service_.broken_by = grpc::StatusCode::UNAVAILABLE;
  std::vector<SearchClient::Link> links;
  int seen = 0;
  EXPECT_TRUE(client_
                  .WatchJob(
                      v1::WatchJobRequest(),
                      [&](const v1::JobUpdate&) {
                        if (++seen == 1) service_.hiccups = 2;
                        return absl::OkStatus();
                      },
                      [&](SearchClient::Link link) { links.push_back(link); })
                  .ok());
  EXPECT_EQ(seen, 2);
  EXPECT_EQ(links, (std::vector{SearchClient::Link::kLost, SearchClient::Link::kBack}));
}

TEST_F(SearchClientTest, CancelEndsAWatchThatHasMadeOtherCalls) {
  AddUpdates(1);
  std::binary_semaphore has_called(0);
  service_.on_watch = [&] {
    has_called.acquire();
    client_.Cancel();
  };
  const absl::Status status = client_.WatchJob(v1::WatchJobRequest(), [&](const v1::JobUpdate&) {
    EXPECT_TRUE(client_.ListWorkers().ok());
    has_called.release();
    return absl::OkStatus();
  });
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
}

TEST_F(SearchClientTest, EndsAWatchWithTheReadersError) {
  AddUpdates(7);
  const absl::Status status = client_.WatchJob(
      v1::WatchJobRequest(), [](const v1::JobUpdate&) { return absl::InternalError("full"); });
  EXPECT_EQ(status, absl::InternalError("full"));
}

TEST_F(SearchClientTest, GivesUpAWatchThatTheServerRefuses) {
  service_.failure = grpc::Status(grpc::StatusCode::NOT_FOUND, "no job 7");
  EXPECT_TRUE(absl::IsNotFound(client_.WatchJob(
      v1::WatchJobRequest(), [](const v1::JobUpdate&) { return absl::OkStatus(); })));
  EXPECT_EQ(service_.calls.size(), 1u);
}

TEST_F(SearchClientTest, RefusesCallsOnceCancelled) {
  client_.Cancel();
  EXPECT_TRUE(absl::IsCancelled(client_.ListJobs().status()));
  EXPECT_TRUE(absl::IsCancelled(client_.WatchJob(
      v1::WatchJobRequest(), [](const v1::JobUpdate&) { return absl::OkStatus(); })));
}

TEST(SearchClientWithoutServerTest, CancelEndsTheWaitForAServerThatIsGone) {
  SearchClient client({"127.0.0.1:1"});
  std::thread canceller([&] { client.Cancel(); });
  EXPECT_FALSE(client.ListJobs().ok());
  canceller.join();
}

TEST_F(SearchClientTest, UploadsEachFileInChunksUnderItsRole) {
  const std::string data = TempPath("data.csv");
  const std::string test = TempPath("test.csv");
  std::string bytes(600'000, 'x');
  for (size_t i = 0; i < bytes.size(); i += 1000) bytes[i] = static_cast<char>('a' + i % 26);
  std::ofstream(data) << bytes;
  std::ofstream(test) << "";
  DatasetUpload upload;
  upload.name = "letters";
  upload.reuse_identical = true;
  upload.source.set_path(data);
  upload.source.set_test_path(test);
  upload.source.mutable_settings()->set_target("y");
  const auto dataset = client_.CreateDataset(upload);
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->name(), "letters");
  EXPECT_EQ(service_.dataset_start.settings().target(), "y");
  EXPECT_TRUE(service_.dataset_start.reuse_identical());
  EXPECT_TRUE(service_.is_dataset_complete);
  ASSERT_EQ(service_.dataset_files.size(), 2u);
  EXPECT_EQ(service_.dataset_files[0].first, "DATA search_client_test_data.csv");
  EXPECT_TRUE(service_.dataset_files[0].second == bytes);
  EXPECT_EQ(service_.dataset_files[1].first, "TEST_DATA search_client_test_test.csv");
  EXPECT_EQ(service_.dataset_files[1].second, "");
}

TEST_F(SearchClientTest, SavesAModelOnlyWhenItsDigestIsRight) {
  const std::string path = TempPath("model");
  std::filesystem::remove(path);
  service_.model_bytes = "some bytes of a model";
  service_.model_digest = Sha256Hex("others");
  const absl::Status damaged = client_.SaveModel("1", 0, path).status();
  EXPECT_EQ(damaged.code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(absl::StrContains(damaged.message(), "the model of trial 5 is damaged")) << damaged;
  EXPECT_FALSE(std::filesystem::exists(path));

  service_.model_digest = Sha256Hex(service_.model_bytes);
  const auto saved = client_.SaveModel("1", 0, path);
  ASSERT_TRUE(saved.ok()) << saved.status();
  EXPECT_EQ(saved->trial, 5u);
  EXPECT_EQ(saved->bytes, service_.model_bytes.size());
  EXPECT_EQ(*ReadFile(path), service_.model_bytes);
}

TEST_F(SearchClientTest, TouchesNoFileBesideTheModelButItsOwn) {
  const std::string folder = TempPath("folder");
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/model.part") << "a person's";
  service_.model_bytes = "some bytes of a model";
  service_.model_digest = Sha256Hex("others");
  EXPECT_FALSE(client_.SaveModel("1", 0, folder + "/model").ok());
  service_.failure = grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "no model yet");
  EXPECT_FALSE(client_.SaveModel("1", 0, folder + "/model").ok());
  EXPECT_EQ(*ReadFile(folder + "/model.part"), "a person's");
  const auto entries = std::filesystem::directory_iterator(folder);
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(SearchClientTest, LeavesAnOldModelAloneWhenThereIsNoNewOne) {
  const std::string path = TempPath("old_model");
  std::ofstream(path) << "old";
  service_.failure = grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "no model yet");
  EXPECT_FALSE(client_.SaveModel("1", 0, path).ok());
  EXPECT_EQ(*ReadFile(path), "old");
  EXPECT_FALSE(client_.SaveModel("1", 0, "/nonexistent/model").ok());
}

}  // namespace
}  // namespace caviar::cli
