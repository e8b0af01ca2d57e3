#include "common/data/csv_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/data/cell.h"
#include "common/status/status_macros.h"

namespace caviar::data {

absl::StatusOr<CsvTable> CsvTable::Open(const InputFile& file, char delimiter, bool has_header,
                                        std::vector<std::string> names) {
  CAVIAR_ASSIGN_OR_RETURN(auto source, ByteSource::Open(file));
  CsvTable table(std::make_unique<CsvReader>(std::move(source), delimiter), has_header,
                 std::move(names));
  if (has_header) {
    CAVIAR_RETURN_IF_ERROR(table.reader_->Next().status());
    table.first_line_ = table.reader_->line();
  }
  if (table.names_.size() == 1) table.reader_->KeepBlankLines();
  return table;
}

absl::StatusOr<bool> CsvTable::Next() {
  CAVIAR_ASSIGN_OR_RETURN(const bool found, reader_->Next());
  if (!found) return false;
  if (first_line_ == 0) first_line_ = reader_->line();
  if (reader_->fields().size() != names_.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        reader_->name(), ", line ", reader_->line(), ": the row has ", reader_->fields().size(),
        " fields, but ", names_.size(), " were expected (as in line ", first_line_, ")"));
  }
  return true;
}

std::string ColumnText(const std::string& name, bool has_header) {
  return has_header ? absl::StrCat("column ", Quoted(name))
                    : absl::StrCat("column ", name, " (counted from 0)");
}

std::string CsvTable::ColumnText(size_t column) const {
  return data::ColumnText(names_[column], has_header_);
}

std::string CsvTable::CellText(size_t column) const {
  return absl::StrCat(reader_->name(), ", line ", reader_->line(), ", ", ColumnText(column));
}

}  // namespace caviar::data
