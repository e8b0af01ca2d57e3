// A training step allocates nothing: counted, by replacing operator new in this binary.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/worker/train/trial_fixture.h"

namespace {
std::atomic<int64_t> allocations{0};
}

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}
// std::stable_sort asks by this one.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return operator new(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace caviar::train {
namespace {

int64_t AllocationsOfAnEpoch(const Point& point, int rows) {
  const auto trainer = MakeTrainer(Config(point), BlobDataset(rows));
  MustTrain(*trainer);  // the first epoch makes room for the best weights
  const int64_t before = allocations.load();
  MustTrain(*trainer);
  return allocations.load() - before;
}

// Ten times the steps, the same allocations: so they belong to the epoch, none to a step.
TEST(AllocationTest, AnEpochsAllocationsDoNotGrowWithItsSteps) {
  const std::vector<Point> points = {
      {{"batch_size", Number(10)}},
      {{"batch_size", Number(10)}, {"batch_norm", Flag(false)}, {"activation", Word("tanh")}},
      {{"batch_size", Number(10)},
       {"dropout", Number(0.5)},
       {"optimizer", Word("momentum")},
       {"learning_rate_schedule", Word("one_cycle")},
       {"label_smoothing", Number(0.1)},
       {"class_weights", Word("balanced")},
       {"gradient_clip_norm", Number(1)},
       {"batch_norm_output", Flag(true)}},
  };
  for (const Point& point : points) {
    const int64_t few = AllocationsOfAnEpoch(point, 100);
    EXPECT_EQ(AllocationsOfAnEpoch(point, 1000), few);
    EXPECT_GT(few, 0) << "the counter does not count";
  }
}

}  // namespace
}  // namespace caviar::train
