#include "worker/session/artifact_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/digest/sha256.h"
#include "common/file/durable_file.h"
#include "tests/worker/runtime/temporary_directory.h"

namespace caviar::session {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Serves artifacts from memory in chunks of four bytes, and breaks where a test says so.
class FakeTransport : public ArtifactTransport {
 public:
  std::string Add(const std::string& bytes) {
    const std::string digest = Sha256Hex(bytes);
    artifacts[digest] = bytes;
    return digest;
  }
  absl::Status Get(absl::string_view digest, uint64_t offset, std::stop_token,
                   const Sink& sink) override {
    MutexLock lock(&mutex);
    offsets.push_back(offset);
    if (on_get) on_get();
    const auto found = artifacts.find(std::string(digest));
    if (found == artifacts.end()) return absl::NotFoundError("no such artifact");
    const std::string& bytes = found->second;
    for (uint64_t at = offset; at < bytes.size(); at += 4) {
      if (at == break_at) {
        break_at = UINT64_MAX;
        return absl::UnavailableError("broke");
      }
      const absl::Status status = sink(absl::string_view(bytes).substr(at, 4), bytes.size());
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }
  absl::Status Put(const runtime::Artifact&, std::stop_token) override {
    return absl::UnimplementedError("not here");
  }

  Mutex mutex;
  std::map<std::string, std::string> artifacts;
  std::vector<uint64_t> offsets;  // of each call
  std::function<void()> on_get;
  uint64_t break_at = UINT64_MAX;
};

class ArtifactCacheTest : public ::testing::Test {
 protected:
  // A new process on the same directory.
  void Reopen(uint64_t bytes_max = 1 << 20) {
    cache_.reset();
    ArtifactCache::Options options;
    options.directory = directory_.path();
    options.bytes_max = bytes_max;
    options.retry_first = options.retry_last = absl::ZeroDuration();
    auto cache = ArtifactCache::Open(options, transport_);
    ASSERT_TRUE(cache.ok()) << cache.status();
    cache_ = *std::move(cache);
  }
  std::string FetchBytes(const std::string& digest) {
    const auto artifact = cache_->Fetch(digest, std::stop_token());
    if (!artifact.ok()) return artifact.status().ToString();
    return ReadFile((*artifact)->path).value_or("unreadable");
  }
  bool IsCached(const std::string& digest) const {
    return std::filesystem::exists(absl::StrCat(directory_.path(), "/", digest));
  }
  std::string PartialPathOf(const std::string& digest) const {
    return absl::StrCat(directory_.path(), "/", digest, ".partial");
  }
  // Writing the artifact fails for want of space, until its partial file is removed.
  void FillDiskFor(const std::string& digest) const {
    std::filesystem::create_symlink("/dev/full", PartialPathOf(digest));
  }

  TemporaryDirectory directory_;
  FakeTransport transport_;
  std::unique_ptr<ArtifactCache> cache_;
};

TEST_F(ArtifactCacheTest, FetchesOnceForAllProcesses) {
  const std::string digest = transport_.Add("twelve bytes");
  Reopen();
  EXPECT_EQ(FetchBytes(digest), "twelve bytes");
  EXPECT_EQ(FetchBytes(digest), "twelve bytes");
  Reopen();
  EXPECT_EQ(FetchBytes(digest), "twelve bytes");
  EXPECT_THAT(transport_.offsets, ElementsAre(0));
}

TEST_F(ArtifactCacheTest, FetchesADamagedFileAgain) {
  const std::string digest = transport_.Add("twelve bytes");
  Reopen();
  EXPECT_EQ(FetchBytes(digest), "twelve bytes");
  ASSERT_TRUE(WriteFileDurably(absl::StrCat(directory_.path(), "/", digest), "twelve bytez").ok());
  Reopen();
  EXPECT_EQ(FetchBytes(digest), "twelve bytes");
  EXPECT_THAT(transport_.offsets, ElementsAre(0, 0));
}

TEST_F(ArtifactCacheTest, FetchesAFileAgainThatSomebodyRemoved) {
  const std::string digest = transport_.Add("twelve bytes");
  Reopen();
  EXPECT_EQ(FetchBytes(digest), "twelve bytes");
  std::filesystem::remove(absl::StrCat(directory_.path(), "/", digest));
  EXPECT_EQ(FetchBytes(digest), "twelve bytes");
}

TEST_F(ArtifactCacheTest, GoesOnWhereATransferBroke) {
  const std::string digest = transport_.Add("twelve bytes");
  transport_.break_at = 8;
  Reopen();
  EXPECT_EQ(FetchBytes(digest), "twelve bytes");
  EXPECT_THAT(transport_.offsets, ElementsAre(0, 8));
}

TEST_F(ArtifactCacheTest, GoesOnWhereAnEarlierProcessStood) {
  const std::string digest = transport_.Add("twelve bytes");
  ASSERT_TRUE(
      WriteFileDurably(absl::StrCat(directory_.path(), "/", digest, ".partial"), "twel").ok());
  Reopen();
  EXPECT_EQ(FetchBytes(digest), "twelve bytes");
  EXPECT_THAT(transport_.offsets, ElementsAre(4));
}

TEST_F(ArtifactCacheTest, StartsOverWhenWhatItHadWasDamaged) {
  const std::string digest = transport_.Add("twelve bytes");
  ASSERT_TRUE(
      WriteFileDurably(absl::StrCat(directory_.path(), "/", digest, ".partial"), "TWEL").ok());
  Reopen();
  EXPECT_EQ(FetchBytes(digest), "twelve bytes");
  EXPECT_THAT(transport_.offsets, ElementsAre(4, 0));
}

TEST_F(ArtifactCacheTest, GivesUpWhenTheCoordinatorsCopyIsBroken) {
  const std::string digest = Sha256Hex("what it should be");
  transport_.artifacts[digest] = "what it is";
  Reopen();
  EXPECT_THAT(FetchBytes(digest), HasSubstr("arrived 3 times with other bytes"));
  EXPECT_FALSE(IsCached(digest));
}

TEST_F(ArtifactCacheTest, SaysWhichArtifactNobodyHas) {
  Reopen();
  const std::string digest = Sha256Hex("nothing");
  const auto artifact = cache_->Fetch(digest, std::stop_token());
  EXPECT_TRUE(absl::IsNotFound(artifact.status()));
  EXPECT_THAT(std::string(artifact.status().message()), HasSubstr(digest));
}

TEST_F(ArtifactCacheTest, TakesNothingButADigestForAPath) {
  Reopen();
  EXPECT_TRUE(
      absl::IsInvalidArgument(cache_->Fetch("../../etc/passwd", std::stop_token()).status()));
}

TEST_F(ArtifactCacheTest, StopsTryingWhenNobodyWaitsAnyMore) {
  const std::string digest = transport_.Add("twelve bytes");
  transport_.break_at = 0;
  Reopen();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(absl::IsCancelled(cache_->Fetch(digest, stop.get_token()).status()));
  EXPECT_EQ(FetchBytes(digest), "twelve bytes") << "others may still want it";
}

TEST_F(ArtifactCacheTest, RemovesWhatWasUsedLongestAgo) {
  const std::string first = transport_.Add("first artifact..");
  const std::string second = transport_.Add("second artifact.");
  const std::string third = transport_.Add("third artifact..");
  Reopen(40);
  FetchBytes(first);
  FetchBytes(second);
  FetchBytes(first);
  FetchBytes(third);
  EXPECT_TRUE(IsCached(first));
  EXPECT_FALSE(IsCached(second));
  EXPECT_TRUE(IsCached(third));
}

TEST_F(ArtifactCacheTest, NeverRemovesWhatIsInUse) {
  const std::string first = transport_.Add("first artifact..");
  const std::string second = transport_.Add("second artifact.");
  Reopen(20);
  const auto held = cache_->Fetch(first, std::stop_token());
  const auto also_held = cache_->Fetch(second, std::stop_token());
  EXPECT_TRUE(IsCached(first));
  EXPECT_TRUE(IsCached(second));
}

TEST_F(ArtifactCacheTest, LeavesNothingOfATransferThatFailed) {
  const std::string digest = transport_.Add("twelve bytes");
  Reopen();
  FillDiskFor(digest);
  const auto artifact = cache_->Fetch(digest, std::stop_token());
  EXPECT_TRUE(absl::IsFailedPrecondition(artifact.status())) << artifact.status();
  EXPECT_THAT(std::string(artifact.status().message()), HasSubstr("No space left on device"));
  EXPECT_FALSE(std::filesystem::is_symlink(PartialPathOf(digest)));
  EXPECT_EQ(FetchBytes(digest), "twelve bytes") << "there is room again";
}

TEST_F(ArtifactCacheTest, RemovesWhatIsNotInUseBeforeItGivesUpOnAFullDisk) {
  const std::string unused = transport_.Add("unused artifact.");
  const std::string used = transport_.Add("used artifact...");
  const std::string digest = transport_.Add("twelve bytes");
  Reopen();
  FetchBytes(unused);
  const auto held = cache_->Fetch(used, std::stop_token());
  FillDiskFor(digest);
  // The file that is being written goes on to be on the full disk; the next one finds room.
  transport_.on_get = [&] {
    if (std::filesystem::is_symlink(PartialPathOf(digest))) {
      std::filesystem::remove(PartialPathOf(digest));
    }
  };
  EXPECT_EQ(FetchBytes(digest), "twelve bytes");
  EXPECT_FALSE(IsCached(unused));
  EXPECT_TRUE(IsCached(used));
}

TEST_F(ArtifactCacheTest, DoesNotWaitForADirectoryThatCannotBeWritten) {
  const std::string digest = transport_.Add("twelve bytes");
  Reopen();
  std::filesystem::create_directory(PartialPathOf(digest));
  EXPECT_TRUE(absl::IsFailedPrecondition(cache_->Fetch(digest, std::stop_token()).status()));
}

// A job that was cancelled while its data set arrived: nobody may ever ask for the rest.
TEST_F(ArtifactCacheTest, RemovesPartsOfTransfersTooThatNobodyGoesOnWith) {
  const std::string part = transport_.Add("a first artifact");
  const std::string whole = transport_.Add("second artifact.");
  Reopen(20);
  std::stop_source stop;
  transport_.break_at = 8;
  transport_.on_get = [&] { stop.request_stop(); };
  EXPECT_TRUE(absl::IsCancelled(cache_->Fetch(part, stop.get_token()).status()));
  transport_.on_get = nullptr;
  EXPECT_TRUE(std::filesystem::exists(PartialPathOf(part)));
  EXPECT_EQ(FetchBytes(whole), "second artifact.");
  EXPECT_FALSE(std::filesystem::exists(PartialPathOf(part)));

  // Likewise what an earlier process left.
  ASSERT_TRUE(WriteFileDurably(PartialPathOf(part), "a first ").ok());
  const std::string path = absl::StrCat(directory_.path(), "/", whole);
  std::filesystem::last_write_time(path,
                                   std::filesystem::last_write_time(path) - std::chrono::hours(1));
  Reopen(20);
  EXPECT_FALSE(IsCached(whole)) << "the longest unused of the two";
  EXPECT_TRUE(std::filesystem::exists(PartialPathOf(part)));
}

TEST_F(ArtifactCacheTest, FetchesOnceForAllWhoWaitTogether) {
  const std::string digest = transport_.Add(std::string(4000, 'x'));
  Reopen();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(cache_->Fetch(digest, std::stop_token()).ok()); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(transport_.offsets, ElementsAre(0));
}

}  // namespace
}  // namespace caviar::session
