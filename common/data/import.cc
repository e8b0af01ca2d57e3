#include "common/data/import.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/data/dataset.h"
#include "common/data/import_plan.h"
#include "common/data/limits.h"
#include "common/data/preprocess.h"
#include "common/data/preprocessing_json.h"
#include "common/data/split.h"
#include "common/data/tensor_file.h"
#include "common/digest/sha256.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "google/protobuf/util/json_util.h"

namespace caviar::data {
namespace {

std::string SettingsToJson(const v1::ImportSettings& settings) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  CAVIAR_CHECK(google::protobuf::util::MessageToJsonString(settings, &json, options).ok());
  return json;
}

absl::StatusOr<TensorFileBuilder> CreateOutput(const ImportPlan& plan, const std::string& path) {
  const v1::Dataset& dataset = plan.dataset;
  const int64_t features = dataset.preprocessing().features();
  const int64_t part_rows[] = {dataset.train().rows(), dataset.validation().rows(),
                               dataset.test().rows()};
  int64_t rows = 0;
  std::vector<TensorSpec> specs;
  for (int i = 0; i < 3; ++i) {
    rows += part_rows[i];
    const std::string name = kPartNames[i];
    specs.push_back({name + "_x", DType::kF32, {part_rows[i], features}});
    specs.push_back({name + "_labels", DType::kI32, {part_rows[i]}});
  }
  if (features > kFeaturesMax || rows > kValuesMax / features) {
    return absl::ResourceExhaustedError(
        absl::StrCat(rows, " rows of ", features, " features are more than the ", kValuesMax,
                     " values that fit a data set (and at most ", kFeaturesMax,
                     " features); drop columns, above all categorical ones, or import fewer rows"));
  }
  const TensorMetadata metadata = {
      {kPreprocessingKey, PreprocessingToJson(dataset.preprocessing())},
      {kSettingsKey, SettingsToJson(dataset.settings())},
      {kSourceKey, plan.source_digest}};
  return TensorFileBuilder::Create(path, specs, metadata);
}

// Streams encoded rows into the parts' tensors.
class PartWriter {
 public:
  PartWriter(TensorFileBuilder& output, size_t features) : features_(features) {
    for (int i = 0; i < 3; ++i) {
      const std::string name = kPartNames[i];
      parts_[i] = {output.Values<float>(name + "_x"), output.Values<int32_t>(name + "_labels"), 0};
    }
  }

  // Where the part's next row goes; empty when the part is full.
  std::span<float> NextRow(PartName part) {
    Part& to = parts_[static_cast<int>(part)];
    if (to.rows == to.labels.size()) return {};
    return to.x.subspan(to.rows * features_, features_);
  }
  size_t features() const { return features_; }
  void Add(PartName part, int32_t label) {
    Part& to = parts_[static_cast<int>(part)];
    to.labels[to.rows++] = label;
  }
  bool IsComplete() const {
    return std::all_of(std::begin(parts_), std::end(parts_),
                       [](const Part& part) { return part.rows == part.labels.size(); });
  }

 private:
  struct Part {
    std::span<float> x;
    std::span<int32_t> labels;
    size_t rows = 0;
  };
  const size_t features_;
  Part parts_[3];
};

// `part_of_row` empty: all rows go to the test part.
absl::Status WriteRows(RowReader& reader, const InputFile& file,
                       std::span<const PartName> part_of_row, PartWriter& writer) {
  absl::Status changed =
      absl::AbortedError(absl::StrCat(file.name, ": the file changed while it was read"));
  std::vector<float> scratch;
  RowLabel label;
  size_t row = 0;
  for (;;) {
    const bool is_past_split = !part_of_row.empty() && row >= part_of_row.size();
    const PartName part = part_of_row.empty() || is_past_split ? PartName::kTest : part_of_row[row];
    std::span<float> x = is_past_split ? std::span<float>() : writer.NextRow(part);
    const bool is_full = x.empty();
    // Only rows without target may follow.
    if (is_full) {
      scratch.resize(writer.features());
      x = scratch;
    }
    CAVIAR_ASSIGN_OR_RETURN(const bool found, reader.Next(x, &label));
    if (!found) return absl::OkStatus();
    if (label.state == RowLabel::State::kAbsent) continue;
    if (is_full || label.state == RowLabel::State::kUnknown) return changed;
    writer.Add(part, label.label);
    ++row;
  }
}

absl::Status WriteDataset(const ImportFiles& files, const ImportPlan& plan,
                          const std::string& path) {
  CAVIAR_ASSIGN_OR_RETURN(TensorFileBuilder output, CreateOutput(plan, path));
  PartWriter writer(output, plan.dataset.preprocessing().features());
  CAVIAR_ASSIGN_OR_RETURN(const auto data, OpenPlannedData(files, plan));
  CAVIAR_RETURN_IF_ERROR(WriteRows(*data, files.data, plan.part_of_row, writer));
  if (files.test_data.is_given()) {
    CAVIAR_ASSIGN_OR_RETURN(const auto test, OpenPlannedTest(files, plan));
    CAVIAR_RETURN_IF_ERROR(WriteRows(*test, files.test_data, {}, writer));
  }
  if (!writer.IsComplete()) return absl::AbortedError("the files changed while they were read");
  return output.Finish();
}

}  // namespace

absl::StatusOr<v1::Dataset> ImportDataset(const ImportFiles& files,
                                          const v1::ImportSettings& settings,
                                          const std::string& output_path) {
  CAVIAR_ASSIGN_OR_RETURN(ImportPlan plan, PlanImport(files, settings));
  CAVIAR_RETURN_IF_ERROR(WriteDataset(files, plan, output_path));
  CAVIAR_ASSIGN_OR_RETURN(*plan.dataset.mutable_digest(), Sha256HexOfFile(output_path));
  return std::move(plan.dataset);
}

}  // namespace caviar::data
