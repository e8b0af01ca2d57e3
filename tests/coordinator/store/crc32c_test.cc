#include "coordinator/store/crc32c.h"

#include <gtest/gtest.h>

#include <boost/crc.hpp>
#include <string>

#include "common/random/rng.h"

namespace caviar::store {
namespace {

TEST(Crc32cTest, MatchesTheVectorsOfRfc3720) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  std::string rising;
  for (char c = 0; c < 32; ++c) rising.push_back(c);
  EXPECT_EQ(Crc32c(rising), 0x46DD794Eu);
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(""), 0u);
}

TEST(Crc32cTest, AgreesWithBoostAtEveryLengthAndInPieces) {
  Rng rng(1);
  std::string bytes;
  for (int length = 0; length < 200; ++length) {
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> reference;
    reference.process_bytes(bytes.data(), bytes.size());
    ASSERT_EQ(Crc32c(bytes), reference.checksum()) << length;
    const size_t cut = rng.UniformInt(static_cast<uint32_t>(bytes.size()) + 1);
    ASSERT_EQ(Crc32c(bytes.substr(cut), Crc32c(bytes.substr(0, cut))), reference.checksum());
    bytes.push_back(static_cast<char>(rng.UniformInt(256)));
  }
}

}  // namespace
}  // namespace caviar::store
