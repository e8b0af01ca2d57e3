#include "common/data/row_encoder.h"

#include <algorithm>
#include <limits>

#include "common/data/cell.h"
#include "common/data/column_fit.h"

namespace caviar::data {

float FiniteFloat(double value) {
  constexpr double kMax = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(value, -kMax, kMax));
}

RowEncoder::RowEncoder(const v1::Preprocessing& preprocessing) {
  size_t offset = 0;
  for (const v1::Column& column : preprocessing.columns()) {
    ColumnEncoder encoder;
    encoder.kind = column.kind();
    encoder.offset = offset;
    encoder.mean = column.mean();
    encoder.deviation = column.deviation();
    encoder.median = column.median();
    encoder.has_missing_indicator = column.has_missing_indicator();
    for (const std::string& category : column.categories()) {
      encoder.feature_of_category.emplace(category, offset + encoder.feature_of_category.size());
    }
    offset += static_cast<size_t>(FeaturesOf(column));
    columns_.push_back(std::move(encoder));
  }
}

bool RowEncoder::Encode(size_t column, absl::string_view text, std::span<float> row) const {
  const ColumnEncoder& encoder = columns_[column];
  if (encoder.kind == v1::Column::CATEGORICAL) {
    const auto found = encoder.feature_of_category.find(text);
    if (found != encoder.feature_of_category.end()) row[found->second] = 1;
    return true;
  }
  if (encoder.kind != v1::Column::NUMERIC) return true;
  double value = encoder.median;
  const CellKind kind = ParseCell(text, &value);
  if (kind == CellKind::kText || kind == CellKind::kInfinite) return false;
  row[encoder.offset] = FiniteFloat((value - encoder.mean) / encoder.deviation);
  if (kind == CellKind::kMissing && encoder.has_missing_indicator) row[encoder.offset + 1] = 1;
  return true;
}

}  // namespace caviar::data
