// What is said of a command line itself, before any coordinator is asked.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "tests/client/cli/commands_fixture.h"

namespace caviar::cli {
namespace {

TEST(CommandLineTest, HelpOfEachCommandHasAnExample) {
  const Result help = Caviar({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  const std::string list = help.out.substr(help.out.find("Subcommands:"));
  int commands = 0;
  for (const absl::string_view line : absl::StrSplit(list, '\n')) {
    if (!absl::StartsWith(line, "  ") || absl::StartsWith(line, "   ") ||
        absl::StartsWith(line, "  caviar")) {
      continue;
    }
    const std::string name(line.substr(2, line.find(' ', 2) - 2));
    ++commands;
    EXPECT_TRUE(absl::StrContains(help.out, name));
    const Result result = Caviar({name, "--help"});
    EXPECT_EQ(result.exit_code, 0) << name;
    EXPECT_TRUE(absl::StrContains(result.out, absl::StrCat("Example:\n  caviar ", name)))
        << result.out;
  }
  EXPECT_EQ(commands, 26);
}

TEST(CommandLineTest, UsageErrorsAreOneLineAndExitCode2) {
  const std::vector<std::vector<std::string>> cases = {
      {"jbos"},
      {"--wrong"},
      {"dataset", "improt"},
      {"run", "--trails", "3"},
      {"run", "--trials", "0"},
      {"run", "--seed", "4294967296"},
      {"curve", "letters", "x"},
      {"importance"},
      {"importance", "letters", "--method", "anova"},
      {"show"},
      {"repeat", "letters", "--seeds", "0"},
      {"repeat", "letters", "--dataset", "other"},
      {"retest", "letters", "--top", "101"},
      {"replay"},
      {"jobs", "extra"},
      {"run", "--workers", "0"},
      {"run", "--sampler", "bayes"},
      {"run", "--resume"},
      {"run", "--resume", "--dir", "d", "--trials", "3"},
      {"run", "--resume", "--dir", "/nonexistent"},
      {"run"},
      {"run", "--data", "/nonexistent.csv", "--target", "y"},
      {"up", "--listen", "nowhere"},
      {"jobs", "--server", "nowhere"},
      {"--log-level", "loud", "jobs"},
      {"predict", "--model", "/nonexistent", "--data", "/nonexistent"},
  };
  for (const auto& arguments : cases) {
    const Result result = Caviar(arguments);
    EXPECT_EQ(result.exit_code, 2) << testing::PrintToString(arguments) << result.err;
    EXPECT_TRUE(absl::StartsWith(result.err, "caviar: ")) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_EQ(result.out, "");
  }
}

TEST(CommandLineTest, NamesTheWrongWordAndTheNearestRightOne) {
  EXPECT_EQ(Caviar({"jbos"}).err,
            "caviar: there is no command \"jbos\"; did you mean jobs? (see caviar --help)\n");
  EXPECT_EQ(Caviar({"dataset", "improt"}).err,
            "caviar: there is no command \"dataset improt\"; did you mean import? (see caviar "
            "dataset --help)\n");
  EXPECT_EQ(
      Caviar({"run", "--trails=3"}).err,
      "caviar: there is no option --trails; did you mean --trials? (see caviar run --help)\n");
  EXPECT_EQ(Caviar({"--wrong"}).err, "caviar: there is no option --wrong (see caviar --help)\n");
  EXPECT_EQ(Caviar({"jobs", "extra"}).err,
            "caviar: unexpected argument \"extra\" (see caviar jobs --help)\n");
}

TEST(CommandLineTest, SaysWhichNumbersAreAllowed) {
  EXPECT_EQ(Caviar({"run", "--trials", "0"}).err,
            "caviar: --trials: must be at least 1, got 0 (see caviar run --help)\n");
  EXPECT_EQ(Caviar({"run", "--seed", "4294967296"}).err,
            "caviar: --seed: must be at most 4294967295, got 4294967296 (see caviar run --help)\n");
  EXPECT_EQ(
      Caviar({"curve", "letters", "x"}).err,
      "caviar: TRIAL: must be a whole number from 1 to 4294967295, got \"x\" (see caviar curve "
      "--help)\n");
}

TEST(CommandLineTest, IsHelpedWhereNothingWasAsked) {
  EXPECT_EQ(Caviar({}).exit_code, 0);
  EXPECT_EQ(Caviar({}).out, Caviar({"--help"}).out);
  EXPECT_EQ(Caviar({"dataset"}).out, Caviar({"dataset", "--help"}).out);
}

TEST(CommandLineTest, SaysWhichArgumentIsNotUtf8) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"run", "--data", "d\xff.csv", "--target", "y"},
        {"show", "--job", "\xc3("},
        {"trials", "3", "--filter", "\xff"}}) {
    const Result result = Caviar(arguments);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_TRUE(absl::StrContains(result.err, "is not UTF-8")) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  }
  EXPECT_TRUE(absl::StrContains(Caviar({"run", "--data", "d\xff.csv"}).err, "argument 3 (d?.csv)"));
}

TEST(CommandLineTest, PrintsItsVersion) { EXPECT_EQ(Caviar({"--version"}).out, "caviar 1.2.3\n"); }

}  // namespace
}  // namespace caviar::cli
