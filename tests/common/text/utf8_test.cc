#include "common/text/utf8.h"

#include <gtest/gtest.h>

#include <string>

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

TEST(CutUtf8Test, CutsBetweenCharacters) {
  EXPECT_EQ(CutUtf8("abc", 3), "abc");
  EXPECT_EQ(CutUtf8("abc", 2), "ab");
  EXPECT_EQ(CutUtf8("abc", 0), "");
  EXPECT_EQ(CutUtf8("aü", 2), "a");
  EXPECT_EQ(CutUtf8("aü", 3), "aü");
  const std::string text = "x€😀ü";
  for (size_t max = 0; max <= text.size(); ++max) {
    const absl::string_view cut = CutUtf8(text, max);
    EXPECT_LE(cut.size(), max);
    EXPECT_EQ(FindInvalidUtf8(cut), kAllValid) << max;
    EXPECT_LT(max - cut.size(), 4u) << "no more is lost than one character";
  }
}

TEST(CutUtf8Test, CutsWhatIsNotUtf8WhereItIsTold) {
  EXPECT_EQ(CutUtf8("\x80\x80\x80\x80\x80\x80", 5), "\x80\x80\x80\x80\x80");
  EXPECT_EQ(CutUtf8("\xff\xff\xff", 2), "\xff\xff");
}

}  // namespace
}  // namespace caviar
