// Everything a trial needs to go on bit-identically, as tensor-file bytes: weights, the best
// epoch's weights, optimizer moments, moving averages, the generator's state, counters.
//
// Threads:     thread-safe (pure functions).
// Errors:      DecodeCheckpoint: kDataLoss for bytes that are no intact checkpoint,
//              kInvalidArgument for one of another network or optimizer.
// Determinism: equal states encode to equal bytes.
#ifndef CAVIAR_WORKER_TRAIN_CHECKPOINT_H_
#define CAVIAR_WORKER_TRAIN_CHECKPOINT_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/random/rng.h"

namespace caviar::train {

// What a trial stands at between two epochs, large arrays aside.
struct Progress {
  int epoch = 0;       // epochs finished
  int64_t steps = 0;   // optimizer steps, and mini-batches in the moving averages
  Rng::State rng;      // shuffling and dropout
  int best_epoch = 0;  // 0: none yet
  double best_value = 0;

  friend bool operator==(const Progress&, const Progress&) = default;
};

// `shape` names the layout of the arrays ("784x256n.relu-10 adam"): a checkpoint fits where it is
// equal.
std::string EncodeCheckpoint(const std::string& shape, const Progress& progress,
                             std::span<const float> values, std::span<const float> moments,
                             std::span<const float> best_values);

struct Checkpoint {
  Progress progress;
  std::vector<float> values, moments;
  std::vector<float> best_values;  // empty when best_epoch is 0
};

// The sizes are what the arrays must have.
absl::StatusOr<Checkpoint> DecodeCheckpoint(absl::string_view bytes, const std::string& shape,
                                            size_t values_size, size_t moments_size);

}  // namespace caviar::train

#endif  // CAVIAR_WORKER_TRAIN_CHECKPOINT_H_
