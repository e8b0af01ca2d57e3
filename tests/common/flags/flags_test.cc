#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/flags/flag_values.h"
#include "common/flags/usage_error.h"

namespace caviar {
namespace {

// A program without commands, as the services are.
class FlagsTest : public testing::Test {
 protected:
  FlagsTest() : app_("A program.", "program") {
    app_.add_option("--slots", slots_)->check(WholeNumber(1, 4));
    app_.add_option("--output", output_)->check(OneOf({"table", "json", "csv"}));
    AddDurationFlag(app_, "--lease", absl::Milliseconds(10), "How long", lease_);
    AddDurationFlag(app_, "--pause", absl::ZeroDuration(), "How long", pause_);
  }
  // Empty if nothing is wrong.
  std::string Parse(std::vector<std::string> arguments) {
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      return UsageErrorText(error, app_);
    }
    return "";
  }

  CLI::App app_;
  int slots_ = 0;
  std::string output_;
  absl::Duration lease_ = absl::Seconds(20);
  absl::Duration pause_;
};

TEST_F(FlagsTest, TakesADurationAndKeepsItsDefaultWithout) {
  EXPECT_EQ(Parse({}), "");
  EXPECT_EQ(lease_, absl::Seconds(20));
  EXPECT_EQ(Parse({"--lease=1m30s"}), "");
  EXPECT_EQ(lease_, absl::Seconds(90));
}

TEST_F(FlagsTest, ShowsTheDefaultDurationInItsHelp) {
  EXPECT_NE(app_.help().find("DURATION [20s]"), std::string::npos) << app_.help();
}

TEST_F(FlagsTest, SaysWhatADurationIs) {
  EXPECT_EQ(
      Parse({"--pause=-1s"}),
      "--pause: must be a duration such as 500ms, 30s or 2m, got \"-1s\" (see program --help)");
  for (const std::string text : {"x", "5", "9ms", "-1s", "inf"}) {
    EXPECT_EQ(Parse({"--lease=" + text}),
              "--lease: must be a duration of at least 10ms such as 500ms, 30s or 2m, got \"" +
                  text + "\" (see program --help)");
  }
}

TEST_F(FlagsTest, SaysWhichWordsThereAre) {
  EXPECT_EQ(Parse({"--output=csv"}), "");
  EXPECT_EQ(Parse({"--output=xml"}),
            "--output: must be table, json or csv, got \"xml\" (see program --help)");
}

TEST_F(FlagsTest, SaysWhatIsWrongWhereThereAreNoCommands) {
  EXPECT_EQ(Parse({"--slot=2"}),
            "there is no option --slot; did you mean --slots? (see program --help)");
  EXPECT_EQ(Parse({"more"}), "unexpected argument \"more\" (see program --help)");
  EXPECT_EQ(Parse({"--slots=5"}), "--slots: must be at most 4, got 5 (see program --help)");
  EXPECT_EQ(Parse({"--slots=two"}),
            "--slots: must be a whole number from 1 to 4, got \"two\" (see program --help)");
}

}  // namespace
}  // namespace caviar
