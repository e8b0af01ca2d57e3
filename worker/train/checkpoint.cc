#include "worker/train/checkpoint.h"

#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/data/tensor_file.h"
#include "common/status/status_macros.h"

namespace caviar::train {
namespace {

constexpr char kFormatKey[] = "format";
constexpr char kFormat[] = "caviar.checkpoint.1";
constexpr char kShapeKey[] = "shape";

// Progress as one tensor of 64-bit words: exact, and one way in and out.
constexpr size_t kWords = 6;

void ToWords(const Progress& progress, uint64_t* words) {
  words[0] = static_cast<uint64_t>(progress.epoch);
  words[1] = static_cast<uint64_t>(progress.steps);
  words[2] = progress.rng.key;
  words[3] = progress.rng.position;
  words[4] = static_cast<uint64_t>(progress.best_epoch);
  std::memcpy(&words[5], &progress.best_value, sizeof(double));
}

absl::StatusOr<Progress> FromWords(std::span<const uint64_t> words) {
  constexpr uint64_t kEpochsMax = 1u << 30, kStepsMax = uint64_t{1} << 60;
  if (words.size() != kWords || words[0] > kEpochsMax || words[1] > kStepsMax ||
      words[4] > words[0]) {
    return absl::DataLossError("the checkpoint's counters make no sense");
  }
  Progress progress;
  progress.epoch = static_cast<int>(words[0]);
  progress.steps = static_cast<int64_t>(words[1]);
  progress.rng = {words[2], words[3]};
  progress.best_epoch = static_cast<int>(words[4]);
  std::memcpy(&progress.best_value, &words[5], sizeof(double));
  return progress;
}

absl::StatusOr<std::vector<float>> Array(const data::TensorFile& file, const char* name,
                                         size_t size) {
  const auto values = file.Values<float>(name);
  if (!values.ok()) return absl::DataLossError(values.status().message());
  if (values->size() != size) {
    return absl::DataLossError(absl::StrCat("the checkpoint's ", name, " has ", values->size(),
                                            " numbers instead of ", size));
  }
  return std::vector<float>(values->begin(), values->end());
}

std::string Get(const data::TensorMetadata& metadata, const char* key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? "" : found->second;
}

}  // namespace

std::string EncodeCheckpoint(const std::string& shape, const Progress& progress,
                             std::span<const float> values, std::span<const float> moments,
                             std::span<const float> best_values) {
  uint64_t words[kWords];
  ToWords(progress, words);
  const auto length = [](auto span) {
    return std::vector<int64_t>{static_cast<int64_t>(span.size())};
  };
  const std::span<const uint64_t> word_span(words);
  const std::vector<data::NamedTensor> tensors = {
      data::TensorOf("progress", length(word_span), word_span),
      data::TensorOf("values", length(values), values),
      data::TensorOf("moments", length(moments), moments),
      data::TensorOf("best_values", length(best_values), best_values),
  };
  return data::EncodeTensorFile(tensors, {{kFormatKey, kFormat}, {kShapeKey, shape}});
}

absl::StatusOr<Checkpoint> DecodeCheckpoint(absl::string_view bytes, const std::string& shape,
                                            size_t values_size, size_t moments_size) {
  const auto file = data::TensorFile::Parse(bytes);
  if (!file.ok()) {
    return absl::DataLossError(absl::StrCat("broken checkpoint: ", file.status().message()));
  }
  const std::string format = Get(file->metadata(), kFormatKey);
  if (format != kFormat) {
    return absl::InvalidArgumentError(
        absl::StrCat("not a checkpoint of this version: format \"", format, "\""));
  }
  const std::string found_shape = Get(file->metadata(), kShapeKey);
  if (found_shape != shape) {
    return absl::InvalidArgumentError(absl::StrCat("the checkpoint is of another network (",
                                                   found_shape, " instead of ", shape, ")"));
  }
  const auto words = file->Values<uint64_t>("progress");
  if (!words.ok()) return absl::DataLossError(words.status().message());
  Checkpoint checkpoint;
  CAVIAR_ASSIGN_OR_RETURN(checkpoint.progress, FromWords(*words));
  CAVIAR_ASSIGN_OR_RETURN(checkpoint.values, Array(*file, "values", values_size));
  CAVIAR_ASSIGN_OR_RETURN(checkpoint.moments, Array(*file, "moments", moments_size));
  const size_t best_size = checkpoint.progress.best_epoch > 0 ? values_size : 0;
  CAVIAR_ASSIGN_OR_RETURN(checkpoint.best_values, Array(*file, "best_values", best_size));
  return checkpoint;
}

}  // namespace caviar::train
