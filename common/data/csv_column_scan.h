// What one CSV column holds, seen value by value, and which kind of column that makes it.
//
// Threads:     thread-compatible.
// Errors:      see DecideKind.
// Determinism: a function of the values in order.
#ifndef CAVIAR_COMMON_DATA_CSV_COLUMN_SCAN_H_
#define CAVIAR_COMMON_DATA_CSV_COLUMN_SCAN_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/dataset.pb.h"

namespace caviar::data {

class CsvColumnScan {
 public:
  // What the user said about the column.
  enum class Order { kDetect, kCategorical, kDrop };

  explicit CsvColumnScan(Order order) : order_(order) {}

  // kInvalidArgument (without position) for text that is not UTF-8.
  absl::Status Add(absl::string_view text, int64_t line);

  struct Decision {
    v1::Column::Kind kind = v1::Column::NUMERIC;
    std::string warning;  // a clause that follows "column 'x' "; empty for none
  };
  // kInvalidArgument "NAME, line L, COLUMN: ..." for infinite numbers, and for text in a column
  // that otherwise holds numbers.
  absl::StatusOr<Decision> DecideKind(const std::string& file_name,
                                      const std::string& column_text) const;

  // Whole numbers that rise by one from row to row, at least twenty of them.
  bool CountsRows() const;
  bool has_only_integers() const { return integers_ == numbers_ && texts_ == 0; }

 private:
  void AddDistinct(absl::string_view text, size_t distinct_max);

  struct Example {
    std::string text;
    int64_t line = 0;
  };

  Order order_;
  int64_t missing_ = 0;
  int64_t numbers_ = 0;
  int64_t integers_ = 0;
  int64_t texts_ = 0;
  Example first_text_;
  Example first_infinite_;
  bool counts_ = true;
  double last_number_ = 0;
  // Up to a bound: of numbers few are enough to know a code from a measurement.
  absl::flat_hash_set<std::string> distinct_;
  int64_t distinct_numbers_ = 0;
};

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_CSV_COLUMN_SCAN_H_
