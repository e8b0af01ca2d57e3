#include "worker/linalg/float_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace caviar::linalg {
namespace {

// Around the size from which buffers ask for huge pages, and sizes that are no multiple of one.
TEST(FloatBufferTest, IsZeroedAndStartsOnAVectorBoundaryAtAnySize) {
  constexpr size_t kHugePage = (size_t{2} << 20) / sizeof(float);
  for (const size_t size :
       {size_t{1}, size_t{17}, kHugePage - 1, kHugePage, kHugePage + 1, 3 * kHugePage + 1000}) {
    FloatBuffer buffer(size);
    ASSERT_EQ(buffer.size(), size);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % (kLanePadding * sizeof(float)), 0u);
    const auto padded = static_cast<std::ptrdiff_t>(PaddedSize(size));
    EXPECT_EQ(std::count(buffer.data(), buffer.data() + padded, 0.0f), padded);
    buffer.data()[PaddedSize(size) - 1] = 1.0f;  // the padding is there to be written
  }
}

TEST(FloatBufferTest, AnEmptyOneHoldsNothing) {
  EXPECT_EQ(FloatBuffer(0).data(), nullptr);
  EXPECT_EQ(FloatBuffer().size(), 0u);
}

}  // namespace
}  // namespace caviar::linalg
