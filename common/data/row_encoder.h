// Encodes the cells of one CSV row into features, as a fitted v1.Preprocessing says.
//
// Threads:     thread-safe after construction.
// Determinism: pure.
#ifndef CAVIAR_COMMON_DATA_ROW_ENCODER_H_
#define CAVIAR_COMMON_DATA_ROW_ENCODER_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/dataset.pb.h"

namespace caviar::data {

// The nearest finite float.
float FiniteFloat(double value);

class RowEncoder {
 public:
  explicit RowEncoder(const v1::Preprocessing& preprocessing);

  // Writes the features of Preprocessing.columns[column] into the row, which must be zeroed before.
  // False for text, or an infinite number, in a NUMERIC column.
  bool Encode(size_t column, absl::string_view text, std::span<float> row) const;

 private:
  struct ColumnEncoder {
    v1::Column::Kind kind = v1::Column::DROPPED;
    size_t offset = 0;  // of its first feature
    double mean = 0;
    double deviation = 1;
    double median = 0;
    bool has_missing_indicator = false;
    absl::flat_hash_map<std::string, size_t> feature_of_category;
  };
  std::vector<ColumnEncoder> columns_;
};

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_ROW_ENCODER_H_
