// A table of text and numbers, written for people (columns that fit the terminal) or as CSV.
//
// Threads: thread-compatible values, pure functions.
#ifndef CAVIAR_CLIENT_CLI_TABLE_H_
#define CAVIAR_CLIENT_CLI_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/cli/number_text.h"

namespace caviar::cli {

struct Cell {
  std::string text;   // as people see it: numbers with few digits
  std::string exact;  // as CSV has it: numbers that read back the same
  bool is_number = false;
};
Cell TextCell(absl::string_view text);
// Five significant digits for people.
Cell NumberCell(double number);
Cell CountCell(int64_t count);
// Nothing to say; an empty field.
Cell NoCell();

struct Column {
  Column(std::string name, bool is_right_aligned = false)
      : name(name), exact_name(std::move(name)), is_right_aligned(is_right_aligned) {}
  Column(std::string name, std::string exact_name, bool is_right_aligned)
      : name(std::move(name)),
        exact_name(std::move(exact_name)),
        is_right_aligned(is_right_aligned) {}

  // Where there is no room for all, the largest number goes first; 0 stays longest.
  Column Expendable(int rank) const {
    Column column = *this;
    column.expendable = rank;
    return column;
  }
  // Free text, which is cut to this many columns before anything is left out for its sake, and not
  // shown at all where no row has any. Names, states and numbers are never cut.
  Column ShortensTo(int width) const {
    Column column = *this;
    column.shortest = width;
    return column;
  }

  std::string name;
  std::string exact_name;  // in CSV, where all names of a table differ
  bool is_right_aligned = false;
  int expendable = 0;
  int shortest = 0;   // 0: not to be cut
  int width_min = 0;  // for people, where a table goes on in another
};

struct Table {
  std::vector<Column> columns;
  // Each as long as columns.
  std::vector<std::vector<Cell>> rows;
  // False: names and values side by side, which need no heading for people.
  bool has_heading = true;
  // What people read instead of a heading without rows.
  std::string if_empty;
};

// A table of names and values, and a row of it; none for a cell that says nothing.
Table DetailsTable();
void AddDetail(Table& table, absl::string_view name, Cell cell);

// Lines of at most `width` columns (0: as wide as it takes): free text is cut, whole columns are
// left out, which the last line says, and values beside their names go on in further lines.
// Control characters are taken out.
std::string RenderTable(const Table& table, int width);

// RFC 4180 with a heading. Text that a spreadsheet would take for a formula (= + - @ first) gets a
// quote in front; numbers do not, nor does text that is a number, such as the class -1.
std::string RenderCsv(const Table& table);
// One line of it, with its line end.
std::string CsvLine(const std::vector<Cell>& cells);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_TABLE_H_
