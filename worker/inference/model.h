// A finished model: one file that holds a network's weights and everything that is needed to use
// them on new rows.
//
// The file is a tensor file (safetensors layout) with, for each layer L = hidden.1, hidden.2 …,
// output:
//   L.weight [inputs x outputs] and L.bias [outputs], or, where batch norm is on,
//   L.weight and L.gamma, L.beta, L.mean, L.variance [outputs], so that
//   a = f(gamma * (x W - mean) / sqrt(variance + batch_norm_epsilon) + beta);
// and the metadata `format`, caviar.hyperparameters (JSON of v1.Hyperparameters) and
// caviar.preprocessing (JSON of v1.Preprocessing, class names included).
//
// Threads:     Predict() uses scratch memory of the Model: one thread at a time.
// Ownership:   owns the weights.
// Errors:      kInvalidArgument for bytes that are no model, saying what is wrong; file-system
//              errors name the path.
// Determinism: equal contents encode to equal bytes.
#ifndef CAVIAR_WORKER_INFERENCE_MODEL_H_
#define CAVIAR_WORKER_INFERENCE_MODEL_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/dataset.pb.h"
#include "caviar/v1/model.pb.h"
#include "worker/inference/architecture.h"
#include "worker/inference/feed_forward.h"
#include "worker/linalg/float_buffer.h"

namespace caviar::inference {

// `values` is laid out as LayoutOf(architecture) says.
std::string EncodeModel(const Architecture& architecture, std::span<const float> values,
                        const v1::Hyperparameters& hyperparameters,
                        const v1::Preprocessing& preprocessing);

class Model {
 public:
  static absl::StatusOr<std::unique_ptr<Model>> Open(const std::string& path);
  static absl::StatusOr<std::unique_ptr<Model>> Parse(absl::string_view bytes);

  // Class probabilities [rows x classes] of preprocessed rows x, row-major [rows x features].
  // kInvalidArgument when x is not a whole number of rows.
  absl::StatusOr<std::vector<float>> Predict(std::span<const float> x);

  int features() const { return architecture_.features(); }
  int classes() const { return architecture_.classes(); }
  const std::vector<std::string>& class_names() const { return class_names_; }
  // What turns a raw row into features.
  const v1::Preprocessing& preprocessing() const { return preprocessing_; }
  const v1::Hyperparameters& hyperparameters() const { return hyperparameters_; }

 private:
  Model() = default;

  v1::Hyperparameters hyperparameters_;
  v1::Preprocessing preprocessing_;
  std::vector<std::string> class_names_;
  Architecture architecture_;
  linalg::FloatBuffer values_;
  std::unique_ptr<FeedForward> network_;
};

}  // namespace caviar::inference

#endif  // CAVIAR_WORKER_INFERENCE_MODEL_H_
