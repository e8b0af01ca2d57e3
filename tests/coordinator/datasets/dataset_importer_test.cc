#include "coordinator/datasets/dataset_importer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <latch>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/data/dataset.h"
#include "common/file/durable_file.h"

namespace caviar::datasets {
namespace {

using ::testing::HasSubstr;
using Request = v1::CreateDatasetRequest;

constexpr char kFileName[] = "fruit.csv";

class DatasetImporterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ =
        (std::filesystem::path(::testing::TempDir()) / absl::StrCat("caviar_importer.", getpid()))
            .string();
    std::filesystem::remove_all(directory_);
    auto artifacts = store::ArtifactStore::Open(directory_ + "/artifacts");
    ASSERT_TRUE(artifacts.ok()) << artifacts.status();
    artifacts_ = *std::move(artifacts);
    Restart(16);
  }
  void TearDown() override {
    importer_.reset();
    std::filesystem::remove_all(directory_);
  }
  void Restart(int uploads_max) {
    importer_.reset();
    ImporterOptions options;
    options.spool_directory = directory_ + "/spool";
    options.uploads_max = uploads_max;
    auto importer = DatasetImporter::Start(options, *artifacts_);
    ASSERT_TRUE(importer.ok()) << importer.status();
    importer_ = *std::move(importer);
  }

  std::unique_ptr<UploadSpool> Upload(const std::string& bytes) {
    auto spool = importer_->NewUpload();
    EXPECT_TRUE(spool.ok()) << spool.status();
    Request::Chunk chunk;
    chunk.set_role(Request::DATA);
    chunk.set_file_name(kFileName);
    chunk.set_data(bytes);
    EXPECT_TRUE((*spool)->Append(chunk).ok());
    return *std::move(spool);
  }
  static std::string Csv() {
    std::string csv = "x,y\n";
    for (int i = 0; i < 40; ++i) absl::StrAppend(&csv, i % 7, ",", i % 2 == 0 ? "a" : "b", "\n");
    return csv;
  }
  static Request::Start Start(const std::string& name) {
    Request::Start start;
    start.set_name(name);
    start.mutable_settings()->set_target("y");
    return start;
  }
  absl::StatusOr<v1::Dataset> Import(std::unique_ptr<UploadSpool> upload,
                                     const Request::Start& start) {
    std::promise<absl::StatusOr<v1::Dataset>> promise;
    const absl::Status queued = importer_->Import(
        std::move(upload), start, [this](const std::string& digest) { AboutToStore(digest); },
        [&promise](absl::StatusOr<v1::Dataset> result) { promise.set_value(std::move(result)); });
    if (!queued.ok()) return queued;
    return promise.get_future().get();
  }
  void AboutToStore(const std::string& digest) {
    EXPECT_TRUE(absl::IsNotFound(artifacts_->Size(digest).status())) << "it is stored already";
    announced_.push_back(digest);
  }
  static void Ignore(const std::string&) {}
  bool SpoolIsEmpty() const { return std::filesystem::is_empty(directory_ + "/spool"); }

  std::string directory_;
  std::unique_ptr<store::ArtifactStore> artifacts_;
  std::unique_ptr<DatasetImporter> importer_;
  std::vector<std::string> announced_;
};

TEST_F(DatasetImporterTest, MakesAnArtifactOfAnUpload) {
  const auto dataset = Import(Upload(Csv()), Start(""));
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->name(), "fruit");
  const auto opened = data::Dataset::Open(absl::StrCat(
      directory_, "/artifacts/", dataset->digest().substr(0, 2), "/", dataset->digest()));
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ((*opened)->classes(), 2);
  EXPECT_TRUE(SpoolIsEmpty());
}

// Whoever removes artifacts must know of it before it is there.
TEST_F(DatasetImporterTest, SaysWhatItIsAboutToStoreBeforeItDoes) {
  const auto dataset = Import(Upload(Csv()), Start(""));
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(announced_, std::vector<std::string>{dataset->digest()});
  EXPECT_FALSE(Import(Upload("x,y\n1\n"), Start("a")).ok());
  EXPECT_EQ(announced_.size(), 1u) << "nothing was stored";
}

TEST_F(DatasetImporterTest, GivesTheSameDigestTwice) {
  const auto first = Import(Upload(Csv()), Start("a"));
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(artifacts_->Remove(first->digest()).ok());
  const auto second = Import(Upload(Csv()), Start("b"));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->digest(), second->digest());
  EXPECT_EQ(second->name(), "b");
}

TEST_F(DatasetImporterTest, LeavesNothingOfAFailedImport) {
  const auto dataset = Import(Upload("x,y\n1\n"), Start("a"));
  EXPECT_THAT(std::string(dataset.status().message()), HasSubstr("fruit.csv, line 2"));
  EXPECT_TRUE(SpoolIsEmpty());
  int files = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(directory_ + "/artifacts")) {
    files += entry.is_regular_file();
  }
  EXPECT_EQ(files, 0);
}

TEST_F(DatasetImporterTest, RefusesBadNamesAndEmptyUploadsBeforeQueuing) {
  EXPECT_THAT(std::string(Import(Upload(Csv()), Start("../a")).status().message()),
              HasSubstr("name: '../a'"));
  EXPECT_THAT(std::string(Import(*importer_->NewUpload(), Start("a")).status().message()),
              HasSubstr("no data file was uploaded"));
  EXPECT_TRUE(SpoolIsEmpty());
}

TEST_F(DatasetImporterTest, BoundsTheUploadsThatExistAtOnce) {
  Restart(2);
  auto first = importer_->NewUpload();
  auto second = importer_->NewUpload();
  EXPECT_EQ(importer_->NewUpload().status().code(), absl::StatusCode::kResourceExhausted);
  *second = nullptr;
  EXPECT_TRUE(importer_->NewUpload().ok());
}

TEST_F(DatasetImporterTest, LetsNoMoreInWhenManyComeTogether) {
  constexpr int kUploadsMax = 3;
  Restart(kUploadsMax);
  for (int round = 0; round < 50; ++round) {
    std::latch start(8);
    std::atomic<int> let_in = 0;
    std::atomic<int> asked = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        const auto upload = importer_->NewUpload();
        if (upload.ok()) ++let_in;
        ++asked;
        while (asked < 8) std::this_thread::yield();  // nobody leaves before all have asked
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_GE(let_in, 1);
    EXPECT_LE(let_in, kUploadsMax);
  }
}

TEST_F(DatasetImporterTest, AnswersWhatWaitsWhenItStops) {
  std::promise<void> release;
  std::promise<void> is_running;
  ASSERT_TRUE(importer_
                  ->Import(Upload(Csv()), Start("a"), Ignore,
                           [&](const absl::StatusOr<v1::Dataset>&) {
                             is_running.set_value();
                             release.get_future().wait();
                           })
                  .ok());
  is_running.get_future().wait();
  absl::Status answer;
  ASSERT_TRUE(
      importer_
          ->Import(Upload(Csv()), Start("b"), Ignore,
                   [&](const absl::StatusOr<v1::Dataset>& result) { answer = result.status(); })
          .ok());
  // Stop waits for the running task, so another thread asks for it; an empty upload tells when it
  // has been heard.
  std::thread stopper([this] { importer_->Stop(); });
  const auto probe = [this] {
    return importer_->Import(*importer_->NewUpload(), Start("c"), Ignore,
                             [](const absl::StatusOr<v1::Dataset>&) {});
  };
  while (!absl::IsUnavailable(probe())) std::this_thread::yield();
  release.set_value();
  stopper.join();
  EXPECT_EQ(answer.code(), absl::StatusCode::kUnavailable);
}

TEST_F(DatasetImporterTest, EmptiesTheSpoolOfAnEarlierProcess) {
  ASSERT_TRUE(CreateDirectories(directory_ + "/spool/0").ok());
  ASSERT_TRUE(WriteFileDurably(directory_ + "/spool/0/data", "left").ok());
  Restart(16);
  EXPECT_TRUE(SpoolIsEmpty());
  EXPECT_TRUE(Import(Upload(Csv()), Start("a")).ok());
}

}  // namespace
}  // namespace caviar::datasets
