#include "coordinator/service/artifact_janitor.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/status/check.h"
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

}  // namespace
}  // namespace caviar::service
