#include "client/cli/table.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/table_layout.h"
#include "common/text/printable.h"

namespace caviar::cli {
namespace {

// Narrower than this, values beside their names are left to the terminal.
constexpr int kWrapMin = 16;

using Texts = std::vector<std::string>;

std::string Line(const Texts& texts, const Table& table, const std::vector<int>& widths) {
  std::string line;
  for (size_t c = 0; c < widths.size(); ++c) {
    if (widths[c] == 0) continue;
    const std::string text = Shorten(texts[c], widths[c]);
    const std::string padding(std::max(0, widths[c] - DisplayWidth(text)), ' ');
    absl::StrAppend(&line, line.empty() ? "" : std::string(kColumnGap, ' '),
                    table.columns[c].is_right_aligned ? padding : "", text,
                    table.columns[c].is_right_aligned ? "" : padding);
  }
  absl::StripTrailingAsciiWhitespace(&line);
  return absl::StrCat(line, "\n");
}

// A class may be called -1 or +1: no formula, and another word with a quote in front.
bool IsSignedNumber(absl::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return false;
  if (!absl::ascii_isdigit(text[1]) && text[1] != '.') return false;
  double ignored = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + 1, end, ignored);
  return stop == end && error != std::errc::invalid_argument;
}

std::vector<ColumnNeed> Needs(const Table& table, const Texts& heading,
                              const std::vector<Texts>& rows) {
  std::vector<ColumnNeed> needs;
  for (size_t c = 0; c < heading.size(); ++c) {
    int widest = table.columns[c].width_min;
    for (const Texts& row : rows) widest = std::max(widest, DisplayWidth(row[c]));
    const Column& column = table.columns[c];
    const bool is_silent = widest == 0 && column.shortest > 0;
    if (!is_silent) widest = std::max(widest, DisplayWidth(heading[c]));
    const int shortest =
        column.shortest == 0 ? 0 : std::max(column.shortest, DisplayWidth(heading[c]));
    needs.push_back({widest, shortest, column.expendable});
  }
  return needs;
}

// "(2 columns hidden: seconds, worker; --output csv shows all)", with as many names as fit.
std::string HiddenNote(const Texts& hidden, int width) {
  const std::string start = absl::StrCat("(", Counted(hidden.size(), "column"), " hidden");
  const std::string end = "; --output csv shows all)\n";
  std::string names;
  for (size_t i = 0; i < hidden.size(); ++i) {
    const std::string next = absl::StrCat(i == 0 ? ": " : ", ", hidden[i]);
    const char* const more = i + 1 < hidden.size() ? ", …" : "";
    if (DisplayWidth(absl::StrCat(start, names, next, more, end)) > width) {
      return absl::StrCat(start, names, names.empty() ? "" : ", …", end);
    }
    names += next;
  }
  return absl::StrCat(start, names, end);
}

// A name and what it stands for, over as many lines as it takes.
std::string Detail(const std::string& name, const std::string& value, int name_width, int width) {
  const std::string margin(name_width + kColumnGap, ' ');
  const int room = width - static_cast<int>(margin.size());
  const Texts lines = width > 0 && room >= kWrapMin ? Wrap(value, room) : Texts{value};
  std::string text;
  for (const std::string& line : lines) {
    const std::string left =
        text.empty() ? absl::StrCat(name, margin.substr(DisplayWidth(name))) : margin;
    absl::StrAppend(&text, left, line, "\n");
  }
  return text;
}

std::string RenderDetails(const std::vector<Texts>& rows, int width) {
  int name_width = 0;
  for (const Texts& row : rows) name_width = std::max(name_width, DisplayWidth(row[0]));
  std::string text;
  for (const Texts& row : rows) text += Detail(row[0], row[1], name_width, width);
  return text;
}

std::string CsvField(absl::string_view text, bool is_number) {
  std::string field(text);
  if (!is_number && !field.empty() && !IsSignedNumber(text) &&
      absl::string_view("=+-@\t\r").find(field[0]) != absl::string_view::npos) {
    field.insert(0, 1, '\'');
  }
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  return absl::StrCat("\"", absl::StrReplaceAll(field, {{"\"", "\"\""}}), "\"");
}

}  // namespace

Cell TextCell(absl::string_view text) { return {std::string(text), std::string(text), false}; }
Cell NumberCell(double number) { return {ShortNumber(number), ExactNumber(number), true}; }
Cell CountCell(int64_t count) { return {absl::StrCat(count), absl::StrCat(count), true}; }
Cell NoCell() { return {"", "", true}; }

Table DetailsTable() {
  Table table;
  table.columns = {{"field"}, {"value"}};
  table.has_heading = false;
  return table;
}

void AddDetail(Table& table, absl::string_view name, Cell cell) {
  if (!cell.text.empty()) table.rows.push_back({TextCell(name), std::move(cell)});
}

std::string RenderTable(const Table& table, int width) {
  if (table.rows.empty() && !table.if_empty.empty()) return absl::StrCat(table.if_empty, "\n");
  Texts heading;
  for (const Column& column : table.columns) heading.push_back(Printable(column.name));
  std::vector<Texts> rows;
  for (const auto& cells : table.rows) {
    Texts& row = rows.emplace_back();
    for (const Cell& cell : cells) row.push_back(Printable(cell.text));
  }
  if (!table.has_heading) return RenderDetails(rows, width);

  const std::vector<ColumnNeed> needs = Needs(table, heading, rows);
  const std::vector<int> widths = LayOutColumns(needs, width);
  std::string text = Line(heading, table, widths);
  for (const Texts& row : rows) text += Line(row, table, widths);
  Texts hidden;
  for (size_t c = 0; c < widths.size(); ++c) {
    if (widths[c] == 0 && needs[c].width > 0) hidden.push_back(heading[c]);
  }
  return hidden.empty() ? text : text + HiddenNote(hidden, width);
}

std::string RenderCsv(const Table& table) {
  std::vector<Cell> heading;
  for (const Column& column : table.columns) heading.push_back(TextCell(column.exact_name));
  std::string text = CsvLine(heading);
  for (const auto& row : table.rows) text += CsvLine(row);
  return text;
}

std::string CsvLine(const std::vector<Cell>& cells) {
  std::vector<std::string> fields;
  fields.reserve(cells.size());
  for (const Cell& cell : cells) fields.push_back(CsvField(cell.exact, cell.is_number));
  return absl::StrCat(absl::StrJoin(fields, ","), "\r\n");
}

}  // namespace caviar::cli
