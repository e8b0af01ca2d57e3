#include "common/text/name.h"

#include <gtest/gtest.h>

#include <string>

namespace caviar {
namespace {

TEST(IsNameTest, TakesLettersDigitsDotsUnderscoresAndDashes) {
  for (const char* name : {"a", "A.b_c-9", ".", "-"}) EXPECT_TRUE(IsName(name)) << name;
  for (const char* name : {"", "a b", "a/b", "ü", "a\n"}) EXPECT_FALSE(IsName(name)) << name;
  EXPECT_TRUE(IsName(std::string(kNameBytesMax, 'x')));
  EXPECT_FALSE(IsName(std::string(kNameBytesMax + 1, 'x')));
}

TEST(IsNumberWordTest, TakesDigitsAlone) {
  for (const char* word : {"0", "7", "2024", "00000000000000000000000"}) {
    EXPECT_TRUE(IsNumberWord(word)) << word;
  }
  for (const char* word : {"", "7a", "-7", "7.", "1e3", " 7"}) {
    EXPECT_FALSE(IsNumberWord(word)) << word;
  }
}

}  // namespace
}  // namespace caviar
