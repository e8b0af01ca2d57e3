// All rows of a small file at once, for tests of RowReader.
#ifndef CAVIAR_TESTS_COMMON_DATA_READ_FEATURES_H_
#define CAVIAR_TESTS_COMMON_DATA_READ_FEATURES_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/data/preprocess.h"
#include "common/status/status_macros.h"

namespace caviar::data {

struct FeatureTable {
  int rows = 0;
  int features = 0;
  std::vector<float> x;  // row-major [rows x features]
  bool has_labels = false;
  // One a row where has_labels: the class, or -1 for none or one that training did not have.
  std::vector<int32_t> labels;
};

// kInvalidArgument for a file of no rows.
inline absl::StatusOr<FeatureTable> ReadFeatures(const v1::Preprocessing& preprocessing,
                                                 const InputFile& data, const InputFile& labels,
                                                 v1::ImportSettings::Header header) {
  CAVIAR_ASSIGN_OR_RETURN(const auto reader, RowReader::Open(preprocessing, data, labels, header));
  FeatureTable table;
  table.features = static_cast<int>(preprocessing.features());
  table.has_labels = reader->has_labels();
  std::vector<float> row(preprocessing.features());
  RowLabel label;
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool found, reader->Next(row, &label));
    if (!found) break;
    ++table.rows;
    table.x.insert(table.x.end(), row.begin(), row.end());
    if (table.has_labels) table.labels.push_back(label.label);
  }
  if (table.rows == 0) {
    return absl::InvalidArgumentError(absl::StrCat(data.name, ": the file has no data rows"));
  }
  return table;
}

}  // namespace caviar::data

#endif  // CAVIAR_TESTS_COMMON_DATA_READ_FEATURES_H_
