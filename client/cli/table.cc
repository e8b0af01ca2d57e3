#include "client/cli/table.h"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/printable.h"

namespace caviar::cli {
namespace {

constexpr int kGap = 2;
// A text is not shortened below this.
constexpr int kNarrowest = 8;

// Columns as they are printed: text, width, and how many of them there is room for.
struct Layout {
  std::vector<int> widths;
  size_t shown = 0;
};

int TotalWidth(const std::vector<int>& widths, size_t shown) {
  if (shown == 0) return 0;
  return std::accumulate(widths.begin(), widths.begin() + shown, 0) +
         kGap * static_cast<int>(shown - 1);
}

Layout Fit(const Table& table, int width) {
  Layout layout;
  layout.shown = table.columns.size();
  std::vector<bool> is_text(table.columns.size(), true);
  for (size_t c = 0; c < table.columns.size(); ++c) {
    int widest = table.has_heading ? DisplayWidth(Printable(table.columns[c].name)) : 0;
    for (const auto& row : table.rows) {
      widest = std::max(widest, DisplayWidth(Printable(row[c].text)));
      if (row[c].is_number) is_text[c] = false;
    }
    layout.widths.push_back(widest);
  }
  while (width > 0 && TotalWidth(layout.widths, layout.shown) > width) {
    // The widest text column gives way first; when none can, the last column goes.
    size_t widest = layout.shown;
    for (size_t c = 0; c < layout.shown; ++c) {
      if (is_text[c] && layout.widths[c] > kNarrowest &&
          (widest == layout.shown || layout.widths[c] > layout.widths[widest])) {
        widest = c;
      }
    }
    if (widest < layout.shown) {
      const int excess = TotalWidth(layout.widths, layout.shown) - width;
      layout.widths[widest] = std::max(kNarrowest, layout.widths[widest] - excess);
    } else if (layout.shown > 1) {
      --layout.shown;
    } else {
      layout.widths[0] = width;
      break;
    }
  }
  return layout;
}

std::string Line(const std::vector<std::string>& texts, const Table& table, const Layout& layout) {
  std::string line;
  for (size_t c = 0; c < layout.shown; ++c) {
    const std::string text = Shorten(texts[c], std::max(1, layout.widths[c]));
    const std::string padding(std::max(0, layout.widths[c] - DisplayWidth(text)), ' ');
    absl::StrAppend(&line, c == 0 ? "" : std::string(kGap, ' '),
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

std::string ShortNumber(double number) { return absl::StrFormat("%.5g", number); }

std::string ExactNumber(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof(text), number).ptr;
  return std::string(text, end);
}

std::string RenderTable(const Table& table, int width) {
  const Layout layout = Fit(table, width);
  std::string text;
  std::vector<std::string> texts(table.columns.size());
  if (table.has_heading) {
    for (size_t c = 0; c < texts.size(); ++c) texts[c] = Printable(table.columns[c].name);
    text += Line(texts, table, layout);
  }
  for (const auto& row : table.rows) {
    for (size_t c = 0; c < texts.size(); ++c) texts[c] = Printable(row[c].text);
    text += Line(texts, table, layout);
  }
  if (layout.shown < table.columns.size()) {
    std::vector<std::string> hidden;
    for (size_t c = layout.shown; c < table.columns.size(); ++c) {
      hidden.push_back(Printable(table.columns[c].name));
    }
    absl::StrAppend(&text, "(a wider terminal, or --output csv, also shows ",
                    absl::StrJoin(hidden, ", "), ")\n");
  }
  return text;
}

std::string RenderCsv(const Table& table) {
  std::string text;
  std::vector<std::string> fields;
  for (const Column& column : table.columns) fields.push_back(CsvField(column.exact_name, false));
  absl::StrAppend(&text, absl::StrJoin(fields, ","), "\r\n");
  for (const auto& row : table.rows) {
    fields.clear();
    for (const Cell& cell : row) fields.push_back(CsvField(cell.exact, cell.is_number));
    absl::StrAppend(&text, absl::StrJoin(fields, ","), "\r\n");
  }
  return text;
}

}  // namespace caviar::cli
