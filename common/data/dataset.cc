#include "common/data/dataset.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/data/preprocessing_json.h"
#include "common/data/split.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"

namespace caviar::data {
namespace {

absl::Status BadDataset(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("not a Caviar data set: ", what));
}

absl::StatusOr<Dataset::Part> FindPart(const TensorFile& file, const std::string& name,
                                       const v1::Preprocessing& preprocessing) {
  Dataset::Part part;
  CAVIAR_ASSIGN_OR_RETURN(part.x, file.Values<float>(name + "_x"));
  CAVIAR_ASSIGN_OR_RETURN(part.labels, file.Values<int32_t>(name + "_labels"));
  const std::vector<int64_t>& shape = file.Find(name + "_x")->shape;
  if (file.Find(name + "_labels")->shape.size() != 1 ||
      part.labels.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
      shape.size() != 2 || shape[0] != static_cast<int64_t>(part.labels.size()) ||
      shape[1] != preprocessing.features()) {
    return BadDataset(absl::StrCat("the shapes of part ", name, " do not fit its preprocessing"));
  }
  for (const int32_t label : part.labels) {
    if (label < 0 || label >= preprocessing.classes_size()) {
      return BadDataset(absl::StrCat("part ", name, " has the label ", label, " beyond the ",
                                     preprocessing.classes_size(), " classes"));
    }
  }
  part.rows = static_cast<int>(part.labels.size());
  return part;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Dataset>> Dataset::Open(const std::string& path) {
  CAVIAR_ASSIGN_OR_RETURN(TensorFile file, TensorFile::Open(path));
  const auto with_path = [&path](const absl::Status& status) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", status.message()));
  };
  const auto json = file.metadata().find(kPreprocessingKey);
  if (json == file.metadata().end()) return with_path(BadDataset("it holds no preprocessing"));
  absl::StatusOr<v1::Preprocessing> preprocessing = PreprocessingFromJson(json->second);
  if (!preprocessing.ok()) return with_path(preprocessing.status());

  std::shared_ptr<Dataset> dataset(new Dataset());
  dataset->preprocessing_ = *std::move(preprocessing);
  for (int i = 0; i < 3; ++i) {
    absl::StatusOr<Part> part = FindPart(file, kPartNames[i], dataset->preprocessing_);
    if (!part.ok()) return with_path(part.status());
    dataset->parts_[i] = *part;
  }
  dataset->file_ = std::move(file);
  return dataset;
}

std::shared_ptr<const Dataset> Dataset::FromMemory(OwnedPart train, OwnedPart validation,
                                                   OwnedPart test,
                                                   v1::Preprocessing preprocessing) {
  std::shared_ptr<Dataset> dataset(new Dataset());
  dataset->preprocessing_ = std::move(preprocessing);
  dataset->owned_[0] = std::move(train);
  dataset->owned_[1] = std::move(validation);
  dataset->owned_[2] = std::move(test);
  for (int i = 0; i < 3; ++i) {
    const OwnedPart& owned = dataset->owned_[i];
    CAVIAR_CHECK(owned.x.size() == owned.labels.size() * dataset->preprocessing_.features())
        << kPartNames[i] << ": " << owned.x.size() << " values for " << owned.labels.size()
        << " rows";
    for (const int32_t label : owned.labels) {
      CAVIAR_CHECK(label >= 0 && label < dataset->classes()) << "label " << label;
    }
    dataset->parts_[i] = {static_cast<int>(owned.labels.size()), owned.x, owned.labels};
  }
  return dataset;
}

}  // namespace caviar::data
