#include "common/data/preprocessing_json.h"

#include <cmath>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/data/cell.h"
#include "common/data/column_fit.h"
#include "common/data/limits.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "google/protobuf/util/json_util.h"

namespace caviar::data {
namespace {

absl::Status Contradiction(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the preprocessing contradicts itself: ", what));
}

absl::Status CheckScale(double mean, double deviation, absl::string_view what) {
  if (std::isfinite(mean) && std::isfinite(deviation) && deviation > 0) return absl::OkStatus();
  return Contradiction(
      absl::StrCat(what, " has the mean ", mean, " and the deviation ", deviation));
}

absl::Status CheckColumns(const v1::Preprocessing& preprocessing) {
  int64_t features = 0;
  for (const v1::Column& column : preprocessing.columns()) {
    features += FeaturesOf(column);
    if (column.kind() != v1::Column::NUMERIC) continue;
    const std::string what = absl::StrCat("column ", Quoted(column.name()));
    CAVIAR_RETURN_IF_ERROR(CheckScale(column.mean(), column.deviation(), what));
    if (!std::isfinite(column.median())) {
      return Contradiction(absl::StrCat(what, " has the median ", column.median()));
    }
  }
  if (features != preprocessing.features()) {
    return Contradiction(
        absl::StrCat("its columns are ", features, " features, not ", preprocessing.features()));
  }
  if (preprocessing.target_index() > static_cast<uint32_t>(preprocessing.columns_size())) {
    return Contradiction(absl::StrCat("the target's place is ", preprocessing.target_index(),
                                      " beside ", preprocessing.columns_size(), " columns"));
  }
  return absl::OkStatus();
}

absl::Status CheckBlock(const v1::Preprocessing& preprocessing) {
  const v1::UniformBlock& block = preprocessing.block();
  if (block.width() != preprocessing.features()) {
    return Contradiction(
        absl::StrCat("its block is ", block.width(), " features, not ", preprocessing.features()));
  }
  return CheckScale(block.mean(), block.deviation(), "its block");
}

absl::Status Check(const v1::Preprocessing& preprocessing) {
  if (preprocessing.features() < 1 || preprocessing.features() > kFeaturesMax) {
    return Contradiction(
        absl::StrCat(preprocessing.features(), " features are not from 1 to ", kFeaturesMax));
  }
  if (preprocessing.classes_size() < 1) return Contradiction("there are no classes");
  // AUTO is no format that rows could be read in, which RowReader says.
  if (preprocessing.format() == v1::ImportSettings::AUTO) return absl::OkStatus();
  return preprocessing.format() == v1::ImportSettings::CSV ? CheckColumns(preprocessing)
                                                           : CheckBlock(preprocessing);
}

}  // namespace

std::string PreprocessingToJson(const v1::Preprocessing& preprocessing) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(preprocessing, &json, options);
  CAVIAR_CHECK(status.ok()) << status.ToString();
  return json;
}

absl::StatusOr<v1::Preprocessing> PreprocessingFromJson(absl::string_view json) {
  // Unknown fields come from a later version of Caviar; what they mean cannot be left out.
  v1::Preprocessing preprocessing;
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), &preprocessing);
  if (!status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read the preprocessing: ", status.ToString()));
  }
  CAVIAR_RETURN_IF_ERROR(Check(preprocessing));
  return preprocessing;
}

}  // namespace caviar::data
