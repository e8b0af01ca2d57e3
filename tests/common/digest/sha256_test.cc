#include "common/digest/sha256.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace caviar {
namespace {

// FIPS 180-4, example "abc".
constexpr char kAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256Test, AgreesWithTheStandardHoweverTheBytesArrive) {
  EXPECT_EQ(Sha256Hex("abc"), kAbc);
  Sha256 hash;
  hash.Update("a");
  hash.Update("");
  hash.Update("bc");
  EXPECT_EQ(hash.HexDigest(), kAbc);
}

TEST(Sha256Test, HashesFilesAndNamesMissingOnes) {
  const std::string path = testing::TempDir() + "/caviar_sha256_test";
  std::ofstream(path) << "abc";
  EXPECT_EQ(*Sha256HexOfFile(path), kAbc);
  std::remove(path.c_str());
  EXPECT_EQ(Sha256HexOfFile(path).status().code(), absl::StatusCode::kNotFound);
}

TEST(Sha256Test, OnlySixtyFourHexDigitsAreADigest) {
  EXPECT_TRUE(IsSha256Hex(kAbc));
  EXPECT_FALSE(IsSha256Hex(""));
  EXPECT_FALSE(IsSha256Hex(std::string(64, 'g')));
  EXPECT_FALSE(IsSha256Hex(std::string(64, 'A')));
  EXPECT_FALSE(IsSha256Hex(std::string(63, 'a')));
  EXPECT_FALSE(IsSha256Hex("../" + std::string(61, 'a')));
}

}  // namespace
}  // namespace caviar
