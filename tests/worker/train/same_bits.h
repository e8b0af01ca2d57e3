// For tests that two ways of training give the same bits: a trial with all that could tell them
// apart, and what of two epochs must be equal.
#ifndef CAVIAR_TESTS_WORKER_TRAIN_SAME_BITS_H_
#define CAVIAR_TESTS_WORKER_TRAIN_SAME_BITS_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/worker/train/trial_fixture.h"

namespace caviar::train {

inline const Point kEverything = {
    {"optimizer", Word("adamw")},      {"weight_decay", Number(0.01)},
    {"dropout", Number(0.3)},          {"learning_rate_schedule", Word("one_cycle")},
    {"learning_rate", Number(0.01)},   {"batch_size", Number(16)},
    {"label_smoothing", Number(0.05)}, {"class_weights", Word("balanced")},
    {"gradient_clip_norm", Number(1)}, {"hidden_units_1", Number(37)},
    {"batch_norm_output", Flag(true)}, {"batch_norm_inference", Word("training_set")},
};

inline void ExpectSame(const EpochReport& a, const EpochReport& b) {
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.train_loss, b.train_loss);
  EXPECT_EQ(a.train_accuracy, b.train_accuracy);
  EXPECT_EQ(a.validation_loss, b.validation_loss);
  EXPECT_EQ(a.validation_accuracy, b.validation_accuracy);
  EXPECT_EQ(a.validation_macro_f1, b.validation_macro_f1);
  EXPECT_EQ(a.learning_rate, b.learning_rate);
  EXPECT_EQ(a.is_best, b.is_best);
}

// Some epochs in one go, with the checkpoint before and after each.
struct TrainedInOneGo {
  TrainedInOneGo(TrialTrainer& trainer, int epochs) : checkpoints{trainer.SaveCheckpoint()} {
    for (int e = 0; e < epochs; ++e) {
      reports.push_back(MustTrain(trainer));
      checkpoints.push_back(trainer.SaveCheckpoint());
    }
  }
  std::vector<EpochReport> reports;
  std::vector<std::string> checkpoints;
};

}  // namespace caviar::train

#endif  // CAVIAR_TESTS_WORKER_TRAIN_SAME_BITS_H_
