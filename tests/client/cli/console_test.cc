#include "client/cli/console.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include "absl/cleanup/cleanup.h"

namespace caviar::cli {
namespace {

// Standard error of a narrow terminal, standard output wherever it is.
TEST(ConsoleTest, KnowsTheWidthOfATerminalOnStandardError) {
  int master = -1;
  int terminal = -1;
  winsize size = {};
  size.ws_row = 20;
  size.ws_col = 50;
  ASSERT_EQ(openpty(&master, &terminal, nullptr, nullptr, &size), 0);
  const int before = dup(STDERR_FILENO);
  ASSERT_GE(dup2(terminal, STDERR_FILENO), 0);
  const auto restore = absl::MakeCleanup([&] {
    dup2(before, STDERR_FILENO);
    for (const int fd : {before, terminal, master}) close(fd);
  });
  EXPECT_EQ(Console::OfProcess().err_width, 50);
}

}  // namespace
}  // namespace caviar::cli
