#include "common/data/cell.h"

#include <gtest/gtest.h>

namespace caviar::data {
namespace {

TEST(ParseCellTest, TellsMissingNumberInfiniteAndTextApart) {
  const auto kind = [](absl::string_view text) {
    double ignored = 0;
    return ParseCell(text, &ignored);
  };
  for (const char* text : {"", "?", "NA", "NaN", "nan", "NAN", "-nan"}) {
    EXPECT_EQ(kind(text), CellKind::kMissing) << text;
  }
  for (const char* text : {"0", "-1", "+1", ".5", "1.", "1e5", "-1E-5", "007", "1e-400", "1e100"}) {
    EXPECT_EQ(kind(text), CellKind::kNumber) << text;
  }
  for (const char* text : {"inf", "-inf", "+inf", "Infinity", "1e999", "-1e101"}) {
    EXPECT_EQ(kind(text), CellKind::kInfinite) << text;
  }
  for (const char* text : {"a", "1a", "1,5", "0x10", "--1", "+-1", "+", "-", ".", "1 2", "na", "e5",
                           "N/A", "nanny", "info", "1e", "\xFF"}) {
    EXPECT_EQ(kind(text), CellKind::kText) << text;
  }
}

TEST(ParseCellTest, ReadsNumbersExactly) {
  double value = 0;
  ASSERT_EQ(ParseCell("+0.1", &value), CellKind::kNumber);
  EXPECT_EQ(value, 0.1);
  ASSERT_EQ(ParseCell("-2.5e-3", &value), CellKind::kNumber);
  EXPECT_EQ(value, -2.5e-3);
  ASSERT_EQ(ParseCell("1e-400", &value), CellKind::kNumber);
  EXPECT_EQ(value, 0.0);
}

TEST(IsUtf8Test, FollowsTheStandard) {
  EXPECT_TRUE(IsUtf8("abc äöü € 😀"));
  for (const char* bad : {"\xFF", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
                          "\xF4\x90\x80\x80", "\xF0\x80\x80\x80", "a\x80", "\xE2\x82"}) {
    EXPECT_FALSE(IsUtf8(bad));
  }
}

TEST(QuotedTest, ShortensAndEscapes) {
  EXPECT_EQ(Quoted("a\nb"), "'a\\nb'");
  EXPECT_EQ(Quoted("\xFF"), "'\\xff'");
  EXPECT_EQ(Quoted(std::string(100, 'x')), "'" + std::string(60, 'x') + "…'");
  // Never cut inside a character.
  EXPECT_EQ(Quoted(std::string(59, 'x') + "ääää"), "'" + std::string(59, 'x') + "…'");
}

}  // namespace
}  // namespace caviar::data
