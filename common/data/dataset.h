// A data set as the trainer sees it: standardised rows and labels of three parts, and the
// preprocessing that made them. The file is a tensor file with the tensors
//   train_x, validation_x, test_x                float [rows x features]
//   train_labels, validation_labels, test_labels int32 [rows], in [0, classes)
// and the metadata caviar.preprocessing (JSON of v1.Preprocessing), caviar.settings (JSON of
// v1.ImportSettings) and caviar.source (SHA-256 of the user's files' contents), so that the file's
// digest covers files, settings and split.
//
// Threads:   immutable, thread-safe.
// Ownership: a Dataset holds its mapping or its vectors; spans live as long as the Dataset.
// Shapes:    x is row-major [rows x features()].
// Errors:    kInvalidArgument for a file that is no data set; file-system errors name the path.
#ifndef CAVIAR_COMMON_DATA_DATASET_H_
#define CAVIAR_COMMON_DATA_DATASET_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/dataset.pb.h"
#include "common/data/tensor_file.h"

namespace caviar::data {

inline constexpr char kPreprocessingKey[] = "caviar.preprocessing";
inline constexpr char kSettingsKey[] = "caviar.settings";
inline constexpr char kSourceKey[] = "caviar.source";

class Dataset {
 public:
  struct Part {
    int rows = 0;
    std::span<const float> x;
    std::span<const int32_t> labels;
  };

  // Maps the file. Checks shapes and that every label names a class.
  static absl::StatusOr<std::shared_ptr<const Dataset>> Open(const std::string& path);

  // For tests. Requires: preprocessing has features > 0 and classes, and the parts fit them.
  struct OwnedPart {
    std::vector<float> x;
    std::vector<int32_t> labels;
  };
  static std::shared_ptr<const Dataset> FromMemory(OwnedPart train, OwnedPart validation,
                                                   OwnedPart test, v1::Preprocessing preprocessing);

  const Part& train() const { return parts_[0]; }
  const Part& validation() const { return parts_[1]; }
  // May have no rows, as may the others in memory; imported ones have train and validation rows.
  const Part& test() const { return parts_[2]; }
  int features() const { return static_cast<int>(preprocessing_.features()); }
  int classes() const { return preprocessing_.classes_size(); }
  const v1::Preprocessing& preprocessing() const { return preprocessing_; }

 private:
  Dataset() = default;

  Part parts_[3];
  v1::Preprocessing preprocessing_;
  std::optional<TensorFile> file_;
  OwnedPart owned_[3];
};

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_DATASET_H_
