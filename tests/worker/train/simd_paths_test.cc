// One trial on every SIMD path of this CPU: the same bits each time on one path, the same numbers
// within float32 rounding on all of them.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/worker/train/trial_fixture.h"
#include "worker/linalg/simd_path.h"

namespace caviar::train {
namespace {

struct Outcome {
  std::vector<EpochReport> reports;
  std::string checkpoint;
};

Outcome Train(const Point& point) {
  const auto trainer = MakeTrainer(Config(point, 3), BlobDataset());
  Outcome outcome;
  for (int epoch = 0; epoch < 3; ++epoch) outcome.reports.push_back(MustTrain(*trainer));
  outcome.checkpoint = trainer->SaveCheckpoint();
  return outcome;
}

class SimdPathsTest : public testing::TestWithParam<Point> {
 protected:
  void TearDown() override { ASSERT_TRUE(linalg::UseSimdPath(linalg::SimdPaths().front()).ok()); }
};

TEST_P(SimdPathsTest, EachGivesTheSameBitsTwice) {
  for (const std::string& path : linalg::SimdPaths()) {
    ASSERT_TRUE(linalg::UseSimdPath(path).ok());
    EXPECT_EQ(Train(GetParam()).checkpoint, Train(GetParam()).checkpoint) << path;
  }
}

// Few epochs: rounding differences grow from step to step as in any chaotic system.
TEST_P(SimdPathsTest, AllAgreeWithinRounding) {
  const std::vector<std::string> paths = linalg::SimdPaths();
  ASSERT_TRUE(linalg::UseSimdPath(paths.front()).ok());
  const Outcome best = Train(GetParam());
  for (const std::string& path : paths) {
    ASSERT_TRUE(linalg::UseSimdPath(path).ok());
    const Outcome other = Train(GetParam());
    for (size_t e = 0; e < best.reports.size(); ++e) {
      SCOPED_TRACE(path + " in epoch " + std::to_string(e + 1));
      EXPECT_NEAR(other.reports[e].train_loss, best.reports[e].train_loss, 2e-4);
      EXPECT_NEAR(other.reports[e].validation_loss, best.reports[e].validation_loss, 2e-3);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Trials, SimdPathsTest,
                         testing::Values(Point{{"batch_size", Number(20)}},
                                         Point{{"batch_size", Number(33)},
                                               {"batch_norm", Flag(false)},
                                               {"activation", Word("tanh")},
                                               {"optimizer", Word("nesterov")}},
                                         Point{{"batch_size", Number(50)},
                                               {"activation", Word("sigmoid")},
                                               {"dropout", Number(0.3)},
                                               {"optimizer", Word("rmsprop")}},
                                         Point{{"batch_size", Number(64)},
                                               {"activation", Word("leaky_relu")},
                                               {"label_smoothing", Number(0.1)},
                                               {"batch_norm_output", Flag(true)},
                                               {"optimizer", Word("adamw")}}));

}  // namespace
}  // namespace caviar::train
