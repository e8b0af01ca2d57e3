// Fits one CSV column on the training rows: median, mean and deviation, or categories.
//
// Threads:     thread-compatible.
// Determinism: a function of the values in order; categories are sorted by their bytes.
#ifndef CAVIAR_COMMON_DATA_COLUMN_FIT_H_
#define CAVIAR_COMMON_DATA_COLUMN_FIT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/dataset.pb.h"

namespace caviar::data {

// Features that the column becomes.
int64_t FeaturesOf(const v1::Column& column);

class ColumnFit {
 public:
  explicit ColumnFit(v1::Column::Kind kind) : kind_(kind) {}

  // A training row's text; for a NUMERIC column a number or missing.
  void Add(absl::string_view text);

  // Writes kind and statistics. Returns a warning, a clause that follows "column 'x' ", or nothing.
  // A column without any value in the training rows becomes DROPPED. One category more than
  // kCategoriesMax stands for any number beyond. Call once, last.
  std::string Finish(absl::string_view name, bool may_be_id, v1::Column& column);

 private:
  std::string FinishNumeric(absl::string_view name, bool may_be_id, v1::Column& column);

  v1::Column::Kind kind_;
  int64_t missing_ = 0;
  std::vector<double> numbers_;
  absl::flat_hash_set<std::string> categories_;
};

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_COLUMN_FIT_H_
