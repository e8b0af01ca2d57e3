// How a CSV file is laid out: delimiter, header, column names; decided from its first rows.
//
// Header, in this order: settings.header YES or NO; a target given as `name:NAME`; a target that is
// no number must be found in the first row; with an index as target, a header is a first row with
// text over columns of numbers, or one that counts the columns (1, 2, 3 …) and whose entry in the
// target column occurs in none of the sampled rows. Columns without name
// are called by their index from 0; a name that occurs again gets ".2", ".3" …
//
// Threads: thread-safe (pure functions on files).
// Errors:  kInvalidArgument naming the file and what it has instead of what was asked for.
#ifndef CAVIAR_COMMON_DATA_CSV_LAYOUT_H_
#define CAVIAR_COMMON_DATA_CSV_LAYOUT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/dataset.pb.h"
#include "common/data/byte_source.h"

namespace caviar::data {

struct CsvSample {
  char delimiter = ',';
  bool is_gzip = false;
  std::vector<std::vector<std::string>> rows;
};

// The first rows, split by the likeliest of tab, semicolon and comma: the first of them that splits
// every sampled row into the same number of at least two fields, else the one that splits the first
// row most. kInvalidArgument for a file without rows.
absl::StatusOr<CsvSample> SampleCsv(const InputFile& file);

// "comma", "tab", "semicolon".
absl::string_view DelimiterName(char delimiter);

struct CsvLayout {
  char delimiter = ',';
  bool has_header = false;
  std::string header_reason;       // one clause: why the header was taken as it was
  std::vector<std::string> names;  // of all columns, unique
  int target = -1;
};

absl::StatusOr<CsvLayout> LayOutCsv(const InputFile& file, const CsvSample& sample,
                                    const v1::ImportSettings& settings);

// The names that the first row gives, made unique, empty ones replaced by their index.
std::vector<std::string> HeaderNames(const std::vector<std::string>& first_row);

// The column that the user means: a name (or `name:NAME`) with header, an index from 0 without; an
// index with header where no column is so named. `option` is said in the message.
absl::StatusOr<int> FindColumn(const CsvLayout& layout, absl::string_view option,
                               const std::string& wanted);

// "'a', 'b', 'c' … (17 in all)".
std::string ListNames(const std::vector<std::string>& names);

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_CSV_LAYOUT_H_
