#include "worker/linalg/simd_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caviar::linalg {
namespace {

TEST(SimdPathTest, EveryPathOfThisCpuCanBeUsed) {
  const std::vector<std::string> paths = SimdPaths();
  ASSERT_FALSE(paths.empty());
  for (const std::string& path : paths) EXPECT_TRUE(UseSimdPath(path).ok()) << path;
  EXPECT_TRUE(UseSimdPath(paths.front()).ok());
}

TEST(SimdPathTest, AskingForAPathKeepsTheOthersKnown) {
  const std::vector<std::string> paths = SimdPaths();
  ASSERT_TRUE(UseSimdPath(paths.back()).ok());
  EXPECT_EQ(SimdPaths(), paths);
  EXPECT_TRUE(UseSimdPath(paths.front()).ok());
}

TEST(SimdPathTest, SaysWhichPathsThereAre) {
  const absl::Status status = UseSimdPath("ABACUS");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr(SimdPaths().front()));
}

}  // namespace
}  // namespace caviar::linalg
