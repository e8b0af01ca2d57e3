// Everything a network learns, in one flat run of floats, and beside it the gradients: an optimizer
// then takes two passes however many layers there are, and a checkpoint is one copy.
//
//   values:    [weights …][others (biases, gamma, beta) …][statistics (running averages) …]
//   gradients: [weights …][others …]
//
// Weights come first because they alone decay. Each array starts on a vector boundary and is padded
// with zeros, which stay zero.
//
// Threads:   thread-compatible.
// Ownership: owns the memory; spans handed out live as long as this object, also when it is moved.
#ifndef CAVIAR_WORKER_NN_PARAMETERS_H_
#define CAVIAR_WORKER_NN_PARAMETERS_H_

#include <cstddef>
#include <span>
#include <vector>

#include "worker/linalg/float_buffer.h"

namespace caviar::nn {

// One learned array; value and gradient have the same size, and padding behind them.
struct Parameter {
  std::span<float> value;
  std::span<float> gradient;
};

// Where the arrays of a network lie in `values`.
class ParameterLayout {
 public:
  // In floats, one entry an array.
  ParameterLayout(std::vector<size_t> weights, std::vector<size_t> others,
                  std::vector<size_t> statistics);

  size_t weight_offset(int i) const { return weight_offsets_[i]; }
  size_t other_offset(int i) const { return other_offsets_[i]; }
  size_t statistic_offset(int i) const { return statistic_offsets_[i]; }
  size_t weight_size(int i) const { return weights_[i]; }
  size_t other_size(int i) const { return others_[i]; }
  size_t statistic_size(int i) const { return statistics_[i]; }

  // Floats, padding included.
  size_t weights_end() const { return weights_end_; }      // these decay
  size_t trainable_end() const { return trainable_end_; }  // these have gradients
  size_t values_end() const { return values_end_; }

 private:
  std::vector<size_t> weights_, others_, statistics_;
  std::vector<size_t> weight_offsets_, other_offsets_, statistic_offsets_;
  size_t weights_end_ = 0, trainable_end_ = 0, values_end_ = 0;
};

class Parameters {
 public:
  explicit Parameters(ParameterLayout layout);

  Parameter weight(int i);
  Parameter other(int i);
  std::span<float> statistic(int i);

  const ParameterLayout& layout() const { return layout_; }
  // Whole runs, padding included.
  std::span<float> values() { return values_.span(); }
  std::span<const float> values() const { return values_.span(); }
  std::span<float> gradients() { return gradients_.span(); }

 private:
  ParameterLayout layout_;
  linalg::FloatBuffer values_;
  linalg::FloatBuffer gradients_;
};

}  // namespace caviar::nn

#endif  // CAVIAR_WORKER_NN_PARAMETERS_H_
