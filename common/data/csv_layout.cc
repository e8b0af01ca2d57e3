#include "common/data/csv_layout.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/data/cell.h"
#include "common/data/csv_reader.h"
#include "common/status/status_macros.h"

namespace caviar::data {
namespace {

constexpr size_t kSampleRowsMax = 200;
// Wide files are sampled by fewer rows.
constexpr size_t kSampleCellsMax = 500'000;
constexpr absl::string_view kNamePrefix = "name:";

absl::StatusOr<CsvSample> SampleWith(const InputFile& file, char delimiter) {
  CAVIAR_ASSIGN_OR_RETURN(auto source, ByteSource::Open(file));
  CsvReader reader(std::move(source), delimiter);
  CsvSample sample;
  sample.delimiter = delimiter;
  sample.is_gzip = reader.is_gzip();
  size_t cells = 0;
  while (sample.rows.size() < kSampleRowsMax && cells < kSampleCellsMax) {
    CAVIAR_ASSIGN_OR_RETURN(const bool found, reader.Next());
    if (!found) break;
    sample.rows.emplace_back(reader.fields().begin(), reader.fields().end());
    cells += reader.fields().size();
  }
  return sample;
}

bool SplitsEvenly(const CsvSample& sample) {
  const size_t width = sample.rows[0].size();
  return width > 1 && std::all_of(sample.rows.begin(), sample.rows.end(),
                                  [width](const auto& row) { return row.size() == width; });
}

std::optional<int> ParseIndex(absl::string_view text) {
  int index = 0;
  const bool is_digits =
      !text.empty() && text.find_first_not_of("0123456789") == absl::string_view::npos;
  if (!is_digits || !absl::SimpleAtoi(text, &index)) return std::nullopt;
  return index;
}

// A first row that counts its columns from 0 or 1, as in UCI Letter's `Letter,1,2,…,16`: numbers
// that would otherwise pass for data. So might a row of data count; but its class occurs again.
bool CountsColumns(const CsvSample& sample, size_t target) {
  constexpr int kNumbersMin = 3;
  const std::vector<std::string>& first_row = sample.rows[0];
  const auto has_its_class = [&](const std::vector<std::string>& row) {
    return target < row.size() && row[target] == first_row[target];
  };
  if (target < first_row.size() &&
      std::any_of(sample.rows.begin() + 1, sample.rows.end(), has_its_class)) {
    return false;
  }
  int numbers = 0;
  double last = 0;
  for (const std::string& cell : first_row) {
    double value = 0;
    const CellKind kind = ParseCell(cell, &value);
    if (kind == CellKind::kText) continue;
    const bool goes_on = numbers == 0 ? value == 0 || value == 1 : value == last + 1;
    if (kind != CellKind::kNumber || !goes_on) return false;
    last = value;
    ++numbers;
  }
  return numbers >= kNumbersMin;
}

// Text in the first row over columns that hold numbers below: in at least half of those columns,
// so that a single stray word in a first row of numbers does not make it a header.
bool LooksLikeHeader(const CsvSample& sample) {
  int number_columns = 0;
  int named_columns = 0;
  double value = 0;
  for (size_t c = 0; c < sample.rows[0].size(); ++c) {
    bool has_number = false;
    bool has_text = false;
    for (size_t r = 1; r < sample.rows.size(); ++r) {
      if (c >= sample.rows[r].size()) continue;
      const CellKind kind = ParseCell(sample.rows[r][c], &value);
      has_number |= kind == CellKind::kNumber;
      has_text |= kind == CellKind::kText;
    }
    if (!has_number || has_text) continue;
    ++number_columns;
    if (ParseCell(sample.rows[0][c], &value) == CellKind::kText) ++named_columns;
  }
  return named_columns > 0 && named_columns * 2 >= number_columns;
}

absl::Status DecideHeader(const InputFile& file, const CsvSample& sample,
                          const v1::ImportSettings& settings, CsvLayout& layout) {
  const std::string& target = settings.target();
  absl::string_view forced_name = target;
  const bool is_forced = absl::ConsumePrefix(&forced_name, kNamePrefix);
  const bool is_name = is_forced || !ParseIndex(target).has_value();
  if (settings.header() == v1::ImportSettings::YES) {
    layout.has_header = true;
    layout.header_reason = "as asked for";
    return absl::OkStatus();
  }
  if (settings.header() == v1::ImportSettings::NO) {
    if (is_name) {
      return absl::InvalidArgumentError(
          absl::StrCat(file.name, ": without a header the target is an index from 0, not ",
                       Quoted(target), " (0 to ", sample.rows[0].size() - 1, ")"));
    }
    layout.has_header = false;
    layout.header_reason = "as asked for";
    return absl::OkStatus();
  }
  if (is_name) {
    const std::vector<std::string> names = HeaderNames(sample.rows[0]);
    const absl::string_view name = is_forced ? forced_name : absl::string_view(target);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          file.name, ": no column is named ", Quoted(name), "; the first row has ",
          ListNames(names), ". A file without header takes an index from 0 as target"));
    }
    layout.has_header = true;
    layout.header_reason = absl::StrCat("the target ", Quoted(name), " is in the first row");
    return absl::OkStatus();
  }
  const bool counts_columns = CountsColumns(sample, *ParseIndex(target));
  layout.has_header = counts_columns || LooksLikeHeader(sample);
  layout.header_reason = counts_columns      ? "the first row counts the columns"
                         : layout.has_header ? "the first row has text over columns of numbers"
                                             : "the first row is of the same types as the others";
  return absl::OkStatus();
}

}  // namespace

absl::string_view DelimiterName(char delimiter) {
  return delimiter == ',' ? "comma" : delimiter == '\t' ? "tab" : "semicolon";
}

absl::StatusOr<CsvSample> SampleCsv(const InputFile& file) {
  std::optional<CsvSample> widest;
  absl::Status comma_error;
  // Semicolons before commas: where both split evenly, the comma is a decimal sign or punctuation.
  for (const char delimiter : {'\t', ';', ','}) {
    absl::StatusOr<CsvSample> sample = SampleWith(file, delimiter);
    if (!sample.ok()) {
      if (delimiter == ',') comma_error = sample.status();
      continue;
    }
    if (sample->rows.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(file.name, ": the file has no rows"));
    }
    if (SplitsEvenly(*sample)) return sample;
    if (!widest || sample->rows[0].size() >= widest->rows[0].size()) widest = *std::move(sample);
  }
  // What breaks with commas breaks a file that splits by nothing else.
  if (!widest || (!comma_error.ok() && widest->rows[0].size() == 1)) return comma_error;
  return *std::move(widest);
}

std::vector<std::string> HeaderNames(const std::vector<std::string>& first_row) {
  absl::flat_hash_set<std::string> taken(first_row.begin(), first_row.end());
  absl::flat_hash_map<std::string, int> copies;
  std::vector<std::string> names;
  for (size_t c = 0; c < first_row.size(); ++c) {
    std::string name = first_row[c];
    if (name.empty()) {
      name = absl::StrCat(c);
      // An unnamed column beside one whose name is that number.
      while (taken.contains(name)) name = absl::StrCat("column ", name);
    }
    int& copy = copies[name];
    if (++copy > 1) {
      std::string numbered = absl::StrCat(name, ".", copy);
      while (taken.contains(numbered)) numbered = absl::StrCat(name, ".", ++copy);
      name = std::move(numbered);
    }
    names.push_back(std::move(name));
  }
  return names;
}

std::string ListNames(const std::vector<std::string>& names) {
  constexpr size_t kNamesShown = 20;
  std::string list;
  for (size_t i = 0; i < std::min(names.size(), kNamesShown); ++i) {
    absl::StrAppend(&list, i == 0 ? "" : ", ", Quoted(names[i]));
  }
  if (names.size() > kNamesShown) absl::StrAppend(&list, " … (", names.size(), " in all)");
  return list;
}

absl::StatusOr<int> FindColumn(const CsvLayout& layout, absl::string_view option,
                               const std::string& wanted) {
  absl::string_view name = wanted;
  const bool is_forced = absl::ConsumePrefix(&name, kNamePrefix);
  if (layout.has_header) {
    const auto found = std::find(layout.names.begin(), layout.names.end(), name);
    if (found != layout.names.end()) return static_cast<int>(found - layout.names.begin());
  }
  const std::optional<int> index = is_forced ? std::nullopt : ParseIndex(name);
  if (index && *index < static_cast<int>(layout.names.size())) return *index;
  if (!layout.has_header) {
    return absl::InvalidArgumentError(
        absl::StrCat(option, ": ", Quoted(wanted),
                     " is no column; without a header columns are 0 to ", layout.names.size() - 1));
  }
  return absl::InvalidArgumentError(absl::StrCat(option, ": no column is named ", Quoted(name),
                                                 "; there are ", ListNames(layout.names)));
}

absl::StatusOr<CsvLayout> LayOutCsv(const InputFile& file, const CsvSample& sample,
                                    const v1::ImportSettings& settings) {
  if (settings.target().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file.name, ": say which column is the target; the first row has ",
                     ListNames(HeaderNames(sample.rows[0]))));
  }
  CsvLayout layout;
  layout.delimiter = sample.delimiter;
  CAVIAR_RETURN_IF_ERROR(DecideHeader(file, sample, settings, layout));
  if (layout.has_header) {
    layout.names = HeaderNames(sample.rows[0]);
    for (size_t c = 0; c < layout.names.size(); ++c) {
      if (IsUtf8(layout.names[c])) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(file.name, ", line 1, column ", c, " (counted from 0): the name ",
                       Quoted(layout.names[c]), " is not UTF-8; convert the file to UTF-8"));
    }
  } else {
    for (size_t c = 0; c < sample.rows[0].size(); ++c) layout.names.push_back(absl::StrCat(c));
  }
  absl::StatusOr<int> target = FindColumn(layout, "target", settings.target());
  if (!target.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(file.name, ": ", target.status().message()));
  }
  layout.target = *target;
  return layout;
}

}  // namespace caviar::data
