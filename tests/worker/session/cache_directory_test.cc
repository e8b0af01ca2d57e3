#include "worker/session/cache_directory.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/file/durable_file.h"
#include "tests/worker/runtime/temporary_directory.h"

namespace caviar::session {
namespace {

TEST(CacheDirectoryTest, KeepsTheIdAndCountsIncarnations) {
  const TemporaryDirectory directory;
  std::string id;
  for (uint32_t start = 1; start <= 3; ++start) {
    const auto cache = CacheDirectory::Open(directory.path());
    ASSERT_TRUE(cache.ok()) << cache.status();
    if (start == 1) id = cache->worker_id();
    EXPECT_EQ(cache->worker_id(), id);
    EXPECT_EQ(cache->incarnation(), start);
  }
  EXPECT_EQ(id.size(), 32u);
}

TEST(CacheDirectoryTest, BelongsToOneWorkerAtATime) {
  const TemporaryDirectory directory;
  const auto first = CacheDirectory::Open(directory.path());
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(CacheDirectory::Open(directory.path()).status()));
}

TEST(CacheDirectoryTest, GivesASecondWorkerANumberedSibling) {
  const TemporaryDirectory directory;
  const std::string path = absl::StrCat(directory.path(), "/worker");
  const auto first = CacheDirectory::OpenFirstFree(path);
  const auto second = CacheDirectory::OpenFirstFree(path);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->path(), path);
  EXPECT_EQ(second->path(), absl::StrCat(path, "-2"));
  EXPECT_EQ(second->sibling(), 2);
  EXPECT_NE(first->worker_id(), second->worker_id());
}

TEST(CacheDirectoryTest, StartsAsSomebodyElseWhenTheIdentityIsDamaged) {
  const TemporaryDirectory directory;
  std::string id;
  {
    const auto cache = CacheDirectory::Open(directory.path());
    ASSERT_TRUE(cache.ok());
    id = cache->worker_id();
  }
  ASSERT_TRUE(WriteFileDurably(absl::StrCat(directory.path(), "/identity"), "../../etc 7\n").ok());
  const auto cache = CacheDirectory::Open(directory.path());
  ASSERT_TRUE(cache.ok());
  EXPECT_NE(cache->worker_id(), id);
  EXPECT_EQ(cache->incarnation(), 1u);
}

}  // namespace
}  // namespace caviar::session
