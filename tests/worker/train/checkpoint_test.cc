#include "worker/train/checkpoint.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace caviar::train {
namespace {

const std::vector<float> kValues = {1, 2, 3}, kMoments = {4, 5}, kBest = {6, 7, 8};
const Progress kProgress = {7, 700, {~uint64_t{0}, uint64_t{1} << 63}, 5, 0.1 + 0.2};

std::string Encode() { return EncodeCheckpoint("net", kProgress, kValues, kMoments, kBest); }

TEST(CheckpointTest, ComesBackBitForBit) {
  const auto checkpoint = DecodeCheckpoint(Encode(), "net", 3, 2);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->progress, kProgress);
  EXPECT_EQ(checkpoint->values, kValues);
  EXPECT_EQ(checkpoint->moments, kMoments);
  EXPECT_EQ(checkpoint->best_values, kBest);
}

TEST(CheckpointTest, AnotherNetworksCheckpointIsInvalid) {
  EXPECT_EQ(DecodeCheckpoint(Encode(), "other net", 3, 2).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(CheckpointTest, EveryTruncationIsDataLoss) {
  const std::string bytes = Encode();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto checkpoint = DecodeCheckpoint(absl::string_view(bytes).substr(0, size), "net", 3, 2);
    ASSERT_EQ(checkpoint.status().code(), absl::StatusCode::kDataLoss) << size;
  }
}

TEST(CheckpointTest, ArraysOfWrongSizeAreDataLoss) {
  EXPECT_EQ(DecodeCheckpoint(Encode(), "net", 4, 2).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeCheckpoint(Encode(), "net", 3, 3).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace caviar::train
