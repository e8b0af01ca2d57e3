#include "worker/linalg/simd_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caviar::linalg {
namespace {

// Other tests of this binary go on with the path they were started on.
class SimdPathTest : public testing::Test {
 protected:
  void TearDown() override { ASSERT_TRUE(UseSimdPath(before_).ok()); }
  const std::string before_ = SimdPathInUse();
};

TEST_F(SimdPathTest, EveryPathOfThisCpuIsTakenWhenAskedFor) {
  const std::vector<std::string> paths = SimdPaths();
  ASSERT_FALSE(paths.empty());
  for (const std::string& path : paths) {
    ASSERT_TRUE(UseSimdPath(path).ok());
    EXPECT_EQ(SimdPathInUse(), path);
  }
}

TEST_F(SimdPathTest, AskingWhichThereAreChangesNothing) {
  const std::vector<std::string> paths = SimdPaths();
  ASSERT_TRUE(UseSimdPath(paths.back()).ok());
  EXPECT_EQ(SimdPaths(), paths);
  EXPECT_EQ(SimdPathInUse(), paths.back());
}

TEST_F(SimdPathTest, SaysWhichPathsThereAre) {
  const absl::Status status = UseSimdPath("ABACUS");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr(SimdPaths().front()));
}

}  // namespace
}  // namespace caviar::linalg
