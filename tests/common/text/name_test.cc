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

}  // namespace
}  // namespace caviar
