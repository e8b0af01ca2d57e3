#include "client/cli/child_process.h"

#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/contract/scratch_directory.h"

namespace caviar::cli {
namespace {

class ChildProcessTest : public testing::Test {
 protected:
  ChildProcess StartShell(const std::string& script) {
    auto child = ChildProcess::Start({.program = "/bin/sh",
                                      .arguments = {"-c", script},
                                      .log_path = absl::StrCat(scratch_.path(), "/log")});
    EXPECT_TRUE(child.ok()) << child.status();
    return *std::move(child);
  }

  ScratchDirectory scratch_;
};

TEST_F(ChildProcessTest, AwaitsTheFirstEndOfSeveral) {
  ChildProcess lasting = StartShell("exec sleep 1000");
  ChildProcess brief = StartShell("exit 3");
  ChildProcess::AwaitAnyEnd({&lasting, &brief}, absl::Hours(1));
  EXPECT_EQ(brief.Ended(), "exit code 3");
  EXPECT_FALSE(lasting.Ended().has_value());
  lasting.Signal(SIGTERM);
  ChildProcess::AwaitAnyEnd({&lasting}, absl::Hours(1));
  EXPECT_EQ(lasting.Ended(), absl::StrCat("signal ", SIGTERM));
}

TEST_F(ChildProcessTest, AwaitsNothingWhereOneHasEnded) {
  ChildProcess lasting = StartShell("exec sleep 1000");
  ChildProcess brief = StartShell("exit 0");
  ChildProcess::AwaitAnyEnd({&brief}, absl::Hours(1));
  ASSERT_TRUE(brief.Ended().has_value());
  ChildProcess::AwaitAnyEnd({&lasting, &brief}, absl::Hours(1));
  EXPECT_FALSE(lasting.Ended().has_value());
}

TEST_F(ChildProcessTest, HearsLinesOnItsInput) {
  auto child =
      ChildProcess::Start({.program = "/bin/sh",
                           .arguments = {"-c", "read word && [ \"$word\" = go ] && exit 7"},
                           .log_path = absl::StrCat(scratch_.path(), "/log"),
                           .has_input = true});
  ASSERT_TRUE(child.ok()) << child.status();
  child->SendLine("go");
  ChildProcess::AwaitAnyEnd({&*child}, absl::Hours(1));
  EXPECT_EQ(child->Ended(), "exit code 7");
  child->SendLine("to nobody");
}

}  // namespace
}  // namespace caviar::cli
