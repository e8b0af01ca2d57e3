#include "coordinator/service/artifact_janitor.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "coordinator/datasets/dataset_importer.h"
#include "coordinator/store/memory_store.h"
#include "tests/coordinator/service/temporary_directory.h"

namespace caviar::service {
namespace {

class NoSink : public driver::Sink {
 public:
  void Release(engine::Send) override {}
};

// A janitor around a real artifact store and driver; the engine knows one data set at most.
class ArtifactJanitorTest : public testing::Test {
 protected:
  ArtifactJanitorTest()
      : artifacts_(*store::ArtifactStore::Open(directory_.path())), janitor_(*artifacts_, clock_) {
    driver::DriverOptions options;
    options.on_fatal = [](const absl::Status& reason) { CAVIAR_CHECK_OK(reason); };
    driver_ = std::make_unique<driver::Driver>(engine::Engine(engine::EngineOptions()), store_,
                                               clock_, sink_, options);
    driver_->Start();
  }
  ~ArtifactJanitorTest() override {
    janitor_.Stop();
    driver_->Stop();
  }

  std::string Store(const std::string& bytes) {
    auto writer = artifacts_->StartWrite();
    CAVIAR_CHECK_OK(writer.status());
    CAVIAR_CHECK_OK((*writer)->Append(bytes));
    return *(*writer)->Finish("");
  }
  bool Has(const std::string& digest) { return artifacts_->Size(digest).ok(); }
  void MakeOld(const std::string& digest) {
    std::filesystem::last_write_time(
        absl::StrCat(directory_.path(), "/", digest.substr(0, 2), "/", digest),
        std::filesystem::file_time_type::clock::now() - std::chrono::hours(48));
  }
  void PutOnRecord(const std::string& digest) {
    v1::Dataset dataset;
    dataset.set_name("letters");
    dataset.set_digest(digest);
    CAVIAR_CHECK_OK(driver_->Post(engine::DatasetImported{engine::RequestId{1}, dataset, false}));
  }
  // Stops the janitor once it has done what it was given before.
  void Finish(const std::string& last_released) {
    while (Has(last_released)) std::this_thread::yield();
    janitor_.Stop();
  }

  RealClock clock_;
  TemporaryDirectory directory_;
  std::unique_ptr<store::ArtifactStore> artifacts_;
  store::MemoryDisk disk_;
  store::MemoryStore store_{disk_};
  NoSink sink_;
  std::unique_ptr<driver::Driver> driver_;
  ArtifactJanitor janitor_;
};

TEST_F(ArtifactJanitorTest, RemovesWhatWasReleased) {
  const std::string released = Store("a"), other = Store("b");
  janitor_.Start(*driver_);
  janitor_.Release(released);
  Finish(released);
  EXPECT_TRUE(Has(other));
}

TEST_F(ArtifactJanitorTest, KeepsWhatWasAnnouncedAndReleasedTogether) {
  const std::string again = Store("a"), marker = Store("b");
  janitor_.Start(*driver_);
  // One job lets go of the bytes while another stores the same ones.
  janitor_.Announce(again);
  janitor_.Release(again);
  janitor_.Release(marker);
  Finish(marker);
  EXPECT_TRUE(Has(again));
}

TEST_F(ArtifactJanitorTest, LeavesNewArtifactsToWhoeverIsAboutToNameThem) {
  const std::string named = Store("a"), fresh = Store("b"), marker = Store("c");
  PutOnRecord(named);
  janitor_.Start(*driver_);  // collects garbage first
  janitor_.Release(marker);
  Finish(marker);
  EXPECT_TRUE(Has(named));
  EXPECT_TRUE(Has(fresh));
}

TEST_F(ArtifactJanitorTest, CollectsOldGarbageAndNothingThatIsNamedOrAnnounced) {
  const std::string named = Store("a"), announced = Store("b"), garbage = Store("c");
  for (const std::string& digest : {named, announced, garbage}) MakeOld(digest);
  PutOnRecord(named);
  janitor_.Announce(announced);
  janitor_.Start(*driver_);
  Finish(garbage);
  EXPECT_TRUE(Has(named));
  EXPECT_TRUE(Has(announced));
}

// Two data sets of the same bytes: one is deleted after the other's artifact was stored and before
// it is on record.
TEST_F(ArtifactJanitorTest, KeepsADatasetThatIsReleasedBetweenItsStorageAndItsRecord) {
  const std::string marker = Store("marker");
  janitor_.Start(*driver_);
  auto importer = datasets::DatasetImporter::Start(
      {.spool_directory = directory_.path() + "/uploads"}, *artifacts_);
  CAVIAR_CHECK_OK(importer.status());
  auto upload = (*importer)->NewUpload();
  CAVIAR_CHECK_OK(upload.status());
  v1::CreateDatasetRequest::Chunk chunk;
  chunk.set_role(v1::CreateDatasetRequest::DATA);
  std::string csv = "x,y\n";
  for (int i = 0; i < 40; ++i) absl::StrAppend(&csv, i % 7, ",", i % 2 == 0 ? "a" : "b", "\n");
  chunk.set_data(csv);
  CAVIAR_CHECK_OK((*upload)->Append(chunk));
  v1::CreateDatasetRequest::Start start;
  start.set_name("twin");
  start.mutable_settings()->set_target("y");
  std::promise<std::string> stored;
  CAVIAR_CHECK_OK((*importer)->Import(
      *std::move(upload), start, [this](const std::string& digest) { janitor_.Announce(digest); },
      [&](absl::StatusOr<v1::Dataset> dataset) {
        CAVIAR_CHECK_OK(dataset.status());
        janitor_.Release(dataset->digest());
        janitor_.Release(marker);
        stored.set_value(dataset->digest());
      }));
  const std::string digest = stored.get_future().get();
  Finish(marker);
  EXPECT_TRUE(Has(digest));
}

}  // namespace
}  // namespace caviar::service
