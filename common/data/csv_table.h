// The rows of a CSV file of known layout: the header is skipped and every row has its width.
//
// Threads:   thread-compatible.
// Ownership: fields last until the next call of Next.
// Errors:    as CsvReader; and kInvalidArgument naming the line of a row of another width.
#ifndef CAVIAR_COMMON_DATA_CSV_TABLE_H_
#define CAVIAR_COMMON_DATA_CSV_TABLE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/data/byte_source.h"
#include "common/data/csv_reader.h"

namespace caviar::data {

class CsvTable {
 public:
  static absl::StatusOr<CsvTable> Open(const InputFile& file, char delimiter, bool has_header,
                                       std::vector<std::string> names);

  // False at the end.
  absl::StatusOr<bool> Next();
  absl::string_view field(size_t column) const { return reader_->fields()[column]; }
  size_t width() const { return names_.size(); }

  // "column 'age'", or "column 4 (counted from 0)" where there is no header.
  std::string ColumnText(size_t column) const;
  // "data.csv, line 7, column 'age'": where the current row's cell is.
  std::string CellText(size_t column) const;
  int64_t line() const { return reader_->line(); }

 private:
  CsvTable(std::unique_ptr<CsvReader> reader, bool has_header, std::vector<std::string> names)
      : reader_(std::move(reader)), has_header_(has_header), names_(std::move(names)) {}

  std::unique_ptr<CsvReader> reader_;
  bool has_header_;
  std::vector<std::string> names_;
  int64_t first_line_ = 0;
};

// As CsvTable::ColumnText, without a table.
std::string ColumnText(const std::string& name, bool has_header);

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_CSV_TABLE_H_
