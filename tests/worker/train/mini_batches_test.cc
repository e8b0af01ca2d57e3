#include "worker/train/mini_batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace caviar::train {
namespace {

// Row r is (r, -r) with label r.
struct Rows {
  explicit Rows(int rows) : x(static_cast<size_t>(rows) * 2), labels(rows) {
    for (int r = 0; r < rows; ++r) {
      x[2 * r] = static_cast<float>(r);
      x[2 * r + 1] = static_cast<float>(-r);
      labels[r] = r;
    }
    part.rows = rows;
    part.x = x;
    part.labels = labels;
  }
  std::vector<float> x;
  std::vector<int32_t> labels;
  data::Dataset::Part part;
};

std::vector<int> Sizes(int rows, int batch_size) {
  const Rows data(rows);
  const MiniBatches batches(data.part, 2, batch_size);
  std::vector<int> sizes;
  for (int b = 0; b < batches.count(); ++b) sizes.push_back(batches.rows(b));
  EXPECT_EQ(std::accumulate(sizes.begin(), sizes.end(), 0), rows);
  EXPECT_EQ(batches.rows_max(), *std::max_element(sizes.begin(), sizes.end()));
  return sizes;
}

TEST(MiniBatchesTest, ASmallRestJoinsTheBatchBefore) {
  EXPECT_EQ(Sizes(32, 16), (std::vector<int>{16, 16}));
  EXPECT_EQ(Sizes(35, 16), (std::vector<int>{16, 19}));     // 3 < 16/4
  EXPECT_EQ(Sizes(36, 16), (std::vector<int>{16, 16, 4}));  // 4 = 16/4
  EXPECT_EQ(Sizes(9, 4), (std::vector<int>{4, 5}));         // 1 < 2
  EXPECT_EQ(Sizes(10, 4), (std::vector<int>{4, 4, 2}));
  EXPECT_EQ(Sizes(5, 5), (std::vector<int>{5}));
  EXPECT_EQ(Sizes(3, 1), (std::vector<int>{1, 1, 1}));
  EXPECT_EQ(Sizes(12, 9), (std::vector<int>{9, 3}));  // 3 >= 9/4
  EXPECT_EQ(Sizes(11, 9), (std::vector<int>{11}));    // 2 < 9/4
}

TEST(MiniBatchesTest, EveryRowComesOnceAnEpochWithItsLabel) {
  const Rows data(37);
  MiniBatches batches(data.part, 2, 8);
  Rng rng(4);
  batches.Shuffle(rng);
  std::vector<int32_t> seen;
  for (int b = 0; b < batches.count(); ++b) {
    linalg::Matrix x(batches.rows(b), 2);
    std::vector<int32_t> labels(batches.rows(b));
    batches.Gather(b, x.view(), labels);
    for (int r = 0; r < batches.rows(b); ++r) {
      EXPECT_EQ(x.view().row(r)[0], static_cast<float>(labels[r]));
      EXPECT_EQ(x.view().row(r)[1], static_cast<float>(-labels[r]));
      seen.push_back(labels[r]);
    }
  }
  EXPECT_FALSE(std::is_sorted(seen.begin(), seen.end()));
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, data.labels);
}

std::vector<int32_t> Order(MiniBatches& batches, int rows) {
  linalg::Matrix x(rows, 2);
  std::vector<int32_t> labels(rows);
  batches.Gather(0, x.view(), labels);
  return labels;
}

TEST(MiniBatchesTest, AnOrderDependsOnTheGeneratorAloneNotOnEarlierOrders) {
  const Rows data(40);
  MiniBatches a(data.part, 2, 40), b(data.part, 2, 40);
  Rng rng_a(4);
  a.Shuffle(rng_a);
  const std::vector<int32_t> first = Order(a, 40);
  Rng rng_b(rng_a.state());
  a.Shuffle(rng_a);
  b.Shuffle(rng_b);
  EXPECT_EQ(Order(a, 40), Order(b, 40));
  EXPECT_NE(Order(a, 40), first);
}

}  // namespace
}  // namespace caviar::train
