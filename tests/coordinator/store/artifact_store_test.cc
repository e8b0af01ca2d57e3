#include "coordinator/store/artifact_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/digest/sha256.h"
#include "common/file/durable_file.h"
#include "tests/contract/scratch_directory.h"

namespace caviar::store {
namespace {

namespace fs = std::filesystem;

class ArtifactStoreTest : public testing::Test {
 protected:
  void SetUp() override { Reopen(); }
  void Reopen() {
    store_.reset();
    auto opened = ArtifactStore::Open(directory_.path());
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }
  std::string Put(const std::string& bytes) {
    auto writer = store_->StartWrite();
    EXPECT_TRUE(writer.ok()) << writer.status();
    EXPECT_TRUE((*writer)->Append(bytes).ok());
    const auto digest = (*writer)->Finish("");
    EXPECT_TRUE(digest.ok()) << digest.status();
    return digest.ok() ? *digest : "";
  }
  // Names of all regular files, relative to the directory.
  std::set<std::string> Files() {
    std::set<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(directory_.path())) {
      if (entry.is_regular_file()) {
        files.insert(fs::relative(entry.path(), directory_.path()));
      }
    }
    return files;
  }
  bool Has(const std::string& digest) { return store_->Size(digest).ok(); }
  std::string PathOf(const std::string& digest) {
    return absl::StrCat(directory_.path(), "/", digest.substr(0, 2), "/", digest);
  }
  std::set<std::string> OlderThan(absl::Time time) {
    std::set<std::string> digests;
    const absl::Status visited =
        store_->VisitOlderThan(time, [&](const std::string& digest) { digests.insert(digest); });
    EXPECT_TRUE(visited.ok()) << visited;
    return digests;
  }
  static void WriteBytes(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }

  ScratchDirectory directory_;
  std::unique_ptr<ArtifactStore> store_;
};

TEST_F(ArtifactStoreTest, KeepsBytesUnderTheirDigestOverARestart) {
  const std::string digest = Put("weights");
  EXPECT_EQ(digest, Sha256Hex("weights"));
  Reopen();
  EXPECT_TRUE(Has(digest));
  EXPECT_EQ(*store_->Size(digest), 7u);
  EXPECT_EQ(*store_->Read(digest, 0, 100), "weights");
  EXPECT_EQ(*ReadFile(PathOf(digest)), "weights");
  EXPECT_EQ(Files(), std::set<std::string>({digest.substr(0, 2) + "/" + digest}));
}

TEST_F(ArtifactStoreTest, KeepsNoBytesAtAllToo) {
  const std::string digest = Put("");
  EXPECT_EQ(*store_->Size(digest), 0u);
  EXPECT_EQ(*store_->Read(digest, 0, 1), "");
}

TEST_F(ArtifactStoreTest, ReadsAnyPiece) {
  const std::string digest = Put("0123456789");
  EXPECT_EQ(*store_->Read(digest, 3, 4), "3456");
  EXPECT_EQ(*store_->Read(digest, 8, UINT64_MAX), "89");
  EXPECT_EQ(*store_->Read(digest, 10, 1), "");
  EXPECT_EQ(*store_->Read(digest, UINT64_MAX, 1), "");
  EXPECT_EQ(*store_->Read(digest, 0, 0), "");
}

TEST_F(ArtifactStoreTest, RefusesBytesThatDoNotHashToTheirName) {
  auto writer = store_->StartWrite();
  ASSERT_TRUE((*writer)->Append("other bytes").ok());
  const auto digest = (*writer)->Finish(Sha256Hex("bytes"));
  EXPECT_TRUE(absl::IsDataLoss(digest.status())) << digest.status();
  writer->reset();
  EXPECT_TRUE(Files().empty());
  EXPECT_FALSE(Has(Sha256Hex("bytes")));
}

TEST_F(ArtifactStoreTest, LeavesNothingOfAWriteThatWasNotFinished) {
  {
    auto writer = store_->StartWrite();
    ASSERT_TRUE((*writer)->Append("half").ok());
    EXPECT_EQ(Files().size(), 1u);
  }
  EXPECT_TRUE(Files().empty());
}

TEST_F(ArtifactStoreTest, RemovesWhatACrashLeftHalfWritten) {
  WriteBytes(directory_.path() + "/tmp/3.part", "half");
  Reopen();
  EXPECT_TRUE(Files().empty());
}

TEST_F(ArtifactStoreTest, IsMarkedAsClosedOnlyWhileItIs) {
  EXPECT_EQ(Files(), std::set<std::string>());
  store_.reset();
  EXPECT_EQ(Files(), std::set<std::string>({"closed"}));
  Reopen();
  EXPECT_EQ(Files(), std::set<std::string>());
}

TEST_F(ArtifactStoreTest, IsNotMarkedAsClosedWhenANameMayNotBeDurable) {
  fs::remove(absl::StrCat(directory_.path(), "/", Sha256Hex("weights").substr(0, 2)));
  auto writer = *store_->StartWrite();
  ASSERT_TRUE(writer->Append("weights").ok());
  EXPECT_FALSE(writer->Finish("").ok());
  writer.reset();
  store_.reset();
  EXPECT_EQ(Files(), std::set<std::string>());
}

TEST_F(ArtifactStoreTest, AdoptsAFile) {
  const std::string path = store_->TemporaryPath();
  EXPECT_NE(path, store_->TemporaryPath());
  WriteBytes(path, "tensors");
  EXPECT_EQ(*store_->Adopt(path), Sha256Hex("tensors"));
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(*store_->Read(Sha256Hex("tensors"), 0, 10), "tensors");
  EXPECT_TRUE(absl::IsNotFound(store_->Adopt(path).status()));
}

TEST_F(ArtifactStoreTest, NamesWhatIsNotThere) {
  const std::string digest = Sha256Hex("never stored");
  EXPECT_FALSE(Has(digest));
  for (const absl::Status& status :
       {store_->Size(digest).status(), store_->Read(digest, 0, 1).status()}) {
    EXPECT_TRUE(absl::IsNotFound(status)) << status;
    EXPECT_NE(status.message().find(digest), absl::string_view::npos);
  }
  EXPECT_TRUE(store_->Remove(digest).ok());
}

TEST_F(ArtifactStoreTest, LetsNothingButADigestBecomeAPath) {
  const std::string victim = directory_.path() + "/victim";
  WriteBytes(victim, "precious");
  const std::string digest = Sha256Hex("x");
  std::string upper = digest;
  upper[0] = 'A';
  for (const std::string& text :
       {std::string("../victim"), std::string(""), std::string("/etc/passwd"), upper, digest + "0",
        digest.substr(1), "../" + digest.substr(3), digest.substr(0, 63) + std::string(1, '\0'),
        std::string(1 << 20, 'a')}) {
    EXPECT_FALSE(Has(text));
    EXPECT_TRUE(absl::IsInvalidArgument(store_->Size(text).status()));
    EXPECT_TRUE(absl::IsInvalidArgument(store_->Read(text, 0, 1).status()));
    EXPECT_TRUE(absl::IsInvalidArgument(store_->Remove(text)));
    EXPECT_LT(store_->Remove(text).message().size(), 200u);
  }
  EXPECT_TRUE(fs::exists(victim));
}

TEST_F(ArtifactStoreTest, IsHealedOfDamageOnTheDiskByWritingAgain) {
  const std::string digest = Put("weights");
  WriteBytes(PathOf(digest), "weighty");
  EXPECT_EQ(*store_->Read(digest, 0, 100), "weighty");
  EXPECT_EQ(Put("weights"), digest);
  EXPECT_EQ(*store_->Read(digest, 0, 100), "weights");
}

TEST_F(ArtifactStoreTest, KeepsFilesFromOtherUsers) {
  struct stat status {};
  ASSERT_EQ(stat(PathOf(Put("secret")).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(ArtifactStoreTest, VisitsWhatIsOldAndOurs) {
  const std::string first = Put("a");
  const std::string second = Put("b");
  WriteBytes(directory_.path() + "/ab/README", "not an artifact");
  // Everything is younger than an hour.
  EXPECT_TRUE(OlderThan(absl::Now() - absl::Hours(1)).empty());
  EXPECT_EQ(OlderThan(absl::Now() + absl::Hours(1)), std::set<std::string>({first, second}));
}

TEST_F(ArtifactStoreTest, LetsTheVisitorRemoveWhatItSees) {
  for (int i = 0; i < 20; ++i) Put(absl::StrCat(i));
  const absl::Status visited = store_->VisitOlderThan(
      absl::Now() + absl::Hours(1),
      [this](const std::string& digest) { EXPECT_TRUE(store_->Remove(digest).ok()); });
  EXPECT_TRUE(visited.ok()) << visited;
  EXPECT_TRUE(Files().empty());
}

// Somebody is about to refer to the bytes that he found there and wrote again.
TEST_F(ArtifactStoreTest, CountsAgeFromTheNewestWrite) {
  const std::string digest = Put("checkpoint");
  fs::last_write_time(PathOf(digest), fs::file_time_type::clock::now() - std::chrono::hours(48));
  Put("checkpoint");
  EXPECT_TRUE(OlderThan(absl::Now() - absl::Hours(24)).empty());
}

TEST_F(ArtifactStoreTest, ManyWritersOfTheSameBytesLeaveOneGoodCopy) {
  const std::string bytes(300'000, 'w');
  const std::string digest = Sha256Hex(bytes);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round) {
        EXPECT_EQ(Put(bytes), digest);
        EXPECT_EQ(store_->Read(digest, 299'999, 5).value_or("?"), "w");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(*store_->Read(digest, 0, 400'000), bytes);
  EXPECT_EQ(Files().size(), 1u);
}

TEST_F(ArtifactStoreTest, SaysWhenTheDirectoryCannotBeMade) {
  WriteBytes(directory_.path() + "/file", "");
  EXPECT_FALSE(ArtifactStore::Open(directory_.path() + "/file/artifacts").ok());
}

}  // namespace
}  // namespace caviar::store
