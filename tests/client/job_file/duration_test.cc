#include "client/job_file/duration.h"

#include <gtest/gtest.h>

namespace caviar::job_file {
namespace {

TEST(ParseDurationTest, AddsUpNumbersWithUnits) {
  EXPECT_EQ(*ParseDuration("45s"), absl::Seconds(45));
  EXPECT_EQ(*ParseDuration("30m"), absl::Minutes(30));
  EXPECT_EQ(*ParseDuration("90d"), absl::Hours(90 * 24));
  EXPECT_EQ(*ParseDuration("1h30m"), absl::Minutes(90));
  EXPECT_EQ(*ParseDuration("1.5h"), absl::Minutes(90));
  EXPECT_EQ(*ParseDuration("200ms"), absl::Milliseconds(200));
  EXPECT_EQ(*ParseDuration("0s"), absl::ZeroDuration());
}

TEST(ParseDurationTest, RefusesWhatHasNoUnitOrNoNumber) {
  for (const char* text :
       {"", "30", "m", "-1s", "1h30", "1 h", "1y", "1..5h", "1e3s", "inf", "h1"}) {
    EXPECT_EQ(ParseDuration(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(ParseDurationTest, RefusesMoreThanTheProtoHolds) {
  EXPECT_TRUE(ParseDuration("315576000000s").ok());
  EXPECT_FALSE(ParseDuration("315576000001s").ok());
  EXPECT_FALSE(ParseDuration("99999999999999999999999999999999d").ok());
}

TEST(WriteDurationTest, IsReadBackAsTheSameDuration) {
  for (const char* text : {"0s", "45s", "1h30m", "90d", "2d3h4m5s6ms"}) {
    EXPECT_EQ(WriteDuration(*ParseDuration(text)), text);
  }
  EXPECT_EQ(WriteDuration(absl::Seconds(90)), "1m30s");
}

}  // namespace
}  // namespace caviar::job_file
