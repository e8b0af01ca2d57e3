#include "worker/linalg/blas.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "worker/linalg/openblas.h"

namespace caviar::linalg {
namespace {

using ::testing::HasSubstr;

TEST(BetterCoreTypeTest, NamesAnAvx512CoreOnlyWhereTheUserNamedNone) {
  EXPECT_EQ(BetterCoreType(true, nullptr), "SkylakeX");
  EXPECT_EQ(BetterCoreType(true, ""), "SkylakeX");
  EXPECT_EQ(BetterCoreType(true, "Haswell"), std::nullopt);
  EXPECT_EQ(BetterCoreType(false, nullptr), std::nullopt);
}

TEST(CheckBlasConfigTest, RefusesTheSerialBuild) {
  const absl::Status status =
      CheckBlasConfig("OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH Haswell SINGLE_THREADED");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("libopenblas0-pthread"));
  EXPECT_TRUE(CheckBlasConfig("OpenBLAS 0.3.21 DYNAMIC_ARCH Zen MAX_THREADS=64").ok());
}

TEST(CheckBlasConfigTest, AcceptsTheLibraryTheseTestsRunOn) {
  EXPECT_TRUE(CheckBlasConfig(OpenBlasConfig()).ok()) << OpenBlasConfig();
}

// In a process of its own: a library is loaded once.
TEST(PrepareBlasDeathTest, LoadsTheCoreThatIsFastestHereWithOneThread) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        unsetenv("OPENBLAS_CORETYPE");
        const absl::StatusOr<std::string> hardware = PrepareBlas();
        const bool is_right = hardware.ok() && OpenBlasThreads() == 1 &&
                              (!CpuHasAvx512() || OpenBlasCore() == "SkylakeX");
        exit(is_right ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(DescribeHardwareTest, NamesSimdTargetAndBlasCore) {
  EXPECT_THAT(DescribeHardware(), HasSubstr(", SIMD "));
  EXPECT_THAT(DescribeHardware(), HasSubstr("OpenBLAS " + OpenBlasCore()));
}

}  // namespace
}  // namespace caviar::linalg
