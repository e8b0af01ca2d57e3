#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "common/file/directory_lock.h"
#include "common/file/durable_file.h"

namespace caviar {
namespace {

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

TEST_F(DurableFileTest, GivesBackEveryByteAndLeavesNothingElse) {
  const std::string bytes("a\0b\xff\n", 5);
  ASSERT_TRUE(WriteFileDurably(directory_ + "/x", bytes).ok());
  EXPECT_EQ(*ReadFile(directory_ + "/x"), bytes);
  ASSERT_TRUE(WriteFileDurably(directory_ + "/x", "new").ok());
  EXPECT_EQ(*ReadFile(directory_ + "/x"), "new");
  const auto entries = std::filesystem::directory_iterator(directory_);
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
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
