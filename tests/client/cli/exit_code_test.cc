#include "client/cli/exit_code.h"

#include <gtest/gtest.h>

namespace caviar::cli {
namespace {

TEST(ExitCodeTest, TellsInputFromReachabilityFromTheRest) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("")), 2);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("")), 2);
  EXPECT_EQ(ExitCodeOf(absl::FailedPreconditionError("")), 2);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("")), 4);
  EXPECT_EQ(ExitCodeOf(absl::CancelledError("")), 130);
  EXPECT_EQ(ExitCodeOf(absl::DataLossError("")), 1);
}

TEST(ErrorTextTest, IsOneLineOrACountedList) {
  EXPECT_EQ(ErrorText(absl::NotFoundError("no job 7")), "caviar: no job 7\n");
  EXPECT_EQ(ErrorText(absl::InvalidArgumentError("a: bad\nb: bad\n")),
            "caviar: 2 problems:\n  a: bad\n  b: bad\n");
  EXPECT_EQ(ErrorText(absl::InternalError("\x1b[31mred")), "caviar: [31mred\n");
  EXPECT_EQ(ErrorText(absl::InternalError("")), "caviar: INTERNAL\n");
}

}  // namespace
}  // namespace caviar::cli
