#include <dirent.h>
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include "common/file/directory.h"
#include "common/file/directory_lock.h"
#include "common/file/durable_file.h"

namespace {
// How many entries the disk still gives before it fails; negative: it is healthy.
int entries_left = -1;
}  // namespace

// In front of the C library's, for whoever lists a directory in this process.
extern "C" dirent* readdir(DIR* stream) {
  static const auto real = reinterpret_cast<dirent* (*)(DIR*)>(dlsym(RTLD_NEXT, "readdir"));
  if (entries_left == 0) {
    errno = EIO;
    return nullptr;
  }
  if (entries_left > 0) --entries_left;
  return real(stream);
}

namespace caviar {
namespace {

using ::testing::UnorderedElementsAre;

class FileTest : public testing::Test {
 protected:
  FileTest() {
    std::string pattern = testing::TempDir() + "/caviar_file_XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  ~FileTest() override { std::filesystem::remove_all(directory_); }

  std::string directory_;
};

using DurableFileTest = FileTest;
using DirectoryLockTest = FileTest;
using DirectoryTest = FileTest;

TEST_F(DurableFileTest, GivesBackEveryByteAndLeavesNothingElse) {
  const std::string bytes("a\0b\xff\n", 5);
  ASSERT_TRUE(WriteFileDurably(directory_ + "/x", bytes).ok());
  EXPECT_EQ(*ReadFile(directory_ + "/x"), bytes);
  ASSERT_TRUE(WriteFileDurably(directory_ + "/x", "new").ok());
  EXPECT_EQ(*ReadFile(directory_ + "/x"), "new");
  const auto entries = std::filesystem::directory_iterator(directory_);
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

// As a killed process of the same id leaves them: in a container ids repeat at every start.
TEST_F(DurableFileTest, WritesOverWhatAKilledProcessOfThisIdHasLeft) {
  const std::string path = directory_ + "/x";
  for (int counter = 0; counter < 100; ++counter) {
    std::ofstream(path + "." + std::to_string(getpid()) + "." + std::to_string(counter) + ".tmp")
        << "half";
  }
  const absl::Status written = WriteFileDurably(path, "whole");
  ASSERT_TRUE(written.ok()) << written;
  EXPECT_EQ(*ReadFile(path), "whole");
}

TEST_F(DurableFileTest, NamesThePathThatIsMissing) {
  const absl::Status status = ReadFile(directory_ + "/none").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find(directory_ + "/none"), std::string::npos);
  EXPECT_EQ(WriteFileDurably(directory_ + "/no/such", "x").code(), absl::StatusCode::kNotFound);
}

TEST_F(DurableFileTest, CreatesParentsAndAcceptsWhatExists) {
  const std::string deep = directory_ + "/a/b/c";
  EXPECT_TRUE(CreateDirectories(deep).ok());
  EXPECT_TRUE(CreateDirectories(deep).ok());
  EXPECT_TRUE(CreateDirectories(deep + "/").ok());
  EXPECT_TRUE(std::filesystem::is_directory(deep));
  ASSERT_TRUE(WriteFileDurably(directory_ + "/file", "x").ok());
  EXPECT_FALSE(CreateDirectories(directory_ + "/file").ok());
}

TEST_F(DurableFileTest, WritesAllOrSaysWhere) {
  EXPECT_EQ(WriteAll(-1, "x", "the book").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(WriteAll(-1, "x", "the book").message().find("the book"), std::string::npos);
  EXPECT_TRUE(WriteAll(-1, "", "the book").ok());
}

TEST_F(DirectoryTest, ListsAndEmptiesWithoutLookingDownForNames) {
  ASSERT_TRUE(CreateDirectories(directory_ + "/a/b").ok());
  ASSERT_TRUE(WriteFileDurably(directory_ + "/.hidden", "x").ok());
  ASSERT_TRUE(WriteFileDurably(directory_ + "/a/b/deep", "x").ok());
  EXPECT_THAT(*ListDirectory(directory_), UnorderedElementsAre("a", ".hidden"));
  ASSERT_TRUE(EmptyDirectory(directory_).ok());
  EXPECT_TRUE(ListDirectory(directory_)->empty());
  EXPECT_TRUE(absl::IsNotFound(ListDirectory(directory_ + "/none").status()));
  EXPECT_TRUE(absl::IsNotFound(EmptyDirectory(directory_ + "/none")));
}

TEST_F(DirectoryTest, SaysSoWhenTheDiskFailsHalfWay) {
  ASSERT_TRUE(WriteFileDurably(directory_ + "/x", "x").ok());
  for (int entries = 0; entries < 3; ++entries) {
    entries_left = entries;
    const absl::Status listed = ListDirectory(directory_).status();
    const absl::Status emptied = EmptyDirectory(directory_);
    entries_left = -1;
    EXPECT_FALSE(listed.ok()) << entries;
    EXPECT_FALSE(emptied.ok()) << entries;
    EXPECT_NE(listed.message().find(directory_), std::string::npos) << listed;
  }
  EXPECT_EQ(ListDirectory(directory_)->size(), 1u);
}

TEST_F(DirectoryLockTest, SecondOwnerIsToldWhoTheFirstIs) {
  const auto first = DirectoryLock::Acquire(directory_);
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::Status second = DirectoryLock::Acquire(directory_).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(second.message().find(directory_), std::string::npos);
  EXPECT_NE(second.message().find(std::to_string(getpid())), std::string::npos);
}

TEST_F(DirectoryLockTest, IsFreeAgainWhenItsOwnerIsGone) {
  { ASSERT_TRUE(DirectoryLock::Acquire(directory_).ok()); }
  auto lock = DirectoryLock::Acquire(directory_);
  ASSERT_TRUE(lock.ok());
  DirectoryLock moved = *std::move(lock);
  EXPECT_FALSE(DirectoryLock::Acquire(directory_).ok());
}

}  // namespace
}  // namespace caviar
