#include "common/text/utf8.h"

#include <gtest/gtest.h>

namespace caviar {
namespace {

constexpr size_t kAllValid = absl::string_view::npos;

TEST(Utf8Test, ReadsCharactersOfEachLength) {
  EXPECT_EQ(FirstUtf8Character("a").code, U'a');
  EXPECT_EQ(FirstUtf8Character("üx").code, U'ü');
  EXPECT_EQ(FirstUtf8Character("€").bytes, 3u);
  EXPECT_EQ(FirstUtf8Character("😀").code, U'😀');
  EXPECT_EQ(FindInvalidUtf8("aü€😀"), kAllValid);
  EXPECT_EQ(FindInvalidUtf8(""), kAllValid);
}

TEST(Utf8Test, FindsTheFirstByteThatIsNotUtf8) {
  EXPECT_EQ(FindInvalidUtf8("ab\xff"), 2u);
  EXPECT_EQ(FindInvalidUtf8("ü\xc3"), 2u) << "cut off";
  EXPECT_EQ(FindInvalidUtf8("\xc0\x80"), 0u) << "overlong";
  EXPECT_EQ(FindInvalidUtf8("\xed\xa0\x80"), 0u) << "surrogate";
  EXPECT_EQ(FindInvalidUtf8("\xf4\x90\x80\x80"), 0u) << "past U+10FFFF";
  EXPECT_EQ(FindInvalidUtf8("\x80"), 0u) << "continuation without lead";
  EXPECT_EQ(FindInvalidUtf8("\xe2\x82x"), 0u) << "lead without continuation";
}

}  // namespace
}  // namespace caviar
