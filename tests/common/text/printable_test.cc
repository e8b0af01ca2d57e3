#include "common/text/printable.h"

#include <gtest/gtest.h>

namespace caviar {
namespace {

TEST(PrintableTest, TakesOutWhatATerminalObeys) {
  EXPECT_EQ(Printable("a\x1b[2Jb\r\n\tc\x7f\a"), "a[2Jbc");
  EXPECT_EQ(Printable("x\u009by"), "xy") << "a C1 control";
  EXPECT_EQ(Printable("x\u202ey\u2066z"), "xyz") << "marks that turn text around";
  EXPECT_EQ(Printable("a\xff\xc3"), "a??");
  EXPECT_EQ(Printable("größe 漢 😀"), "größe 漢 😀");
}

TEST(DisplayWidthTest, CountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth("größe"), 5);
  EXPECT_EQ(DisplayWidth("漢字"), 4);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1);
}

TEST(ShortenTest, NeverExceedsTheWidth) {
  EXPECT_EQ(Shorten("abcdef", 6), "abcdef");
  EXPECT_EQ(Shorten("abcdef", 4), "abc…");
  EXPECT_EQ(Shorten("漢字漢字", 4), "漢…");
  EXPECT_EQ(Shorten("abc", 1), "…");
}

TEST(WrapTest, CutsAtSpacesOnly) {
  EXPECT_EQ(Wrap("one two three", 8), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(Wrap("", 8), (std::vector<std::string>{""}));
  EXPECT_EQ(Wrap("a incomprehensible b", 8),
            (std::vector<std::string>{"a", "incomprehensible", "b"}));
}

}  // namespace
}  // namespace caviar
