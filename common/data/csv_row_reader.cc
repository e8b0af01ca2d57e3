#include "common/data/csv_row_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/data/cell.h"
#include "common/data/csv_layout.h"
#include "common/data/csv_table.h"
#include "common/data/labels.h"
#include "common/data/row_encoder.h"
#include "common/status/status_macros.h"

namespace caviar::data {
namespace {

// Which of the file's columns are which of the training file's.
struct ColumnMap {
  bool has_header = false;
  std::vector<std::string> names;  // of the file's columns
  // One a column of Preprocessing: its place in the file; nothing for dropped ones that are absent.
  std::vector<std::optional<size_t>> places;
  std::optional<size_t> target;
};

// By name. nullopt when a used column is not there; then `missing` names the ones that are not.
std::optional<ColumnMap> MapByName(const v1::Preprocessing& preprocessing,
                                   const std::vector<std::string>& first_row,
                                   std::vector<std::string>& missing) {
  ColumnMap map;
  map.has_header = true;
  map.names = HeaderNames(first_row);
  absl::flat_hash_map<absl::string_view, size_t> place_of_name;
  for (size_t c = 0; c < map.names.size(); ++c) place_of_name.emplace(map.names[c], c);
  for (const v1::Column& column : preprocessing.columns()) {
    const auto found = place_of_name.find(column.name());
    if (found != place_of_name.end()) {
      map.places.push_back(found->second);
    } else {
      map.places.push_back(std::nullopt);
      if (column.kind() != v1::Column::DROPPED) missing.push_back(column.name());
    }
  }
  const auto target = place_of_name.find(preprocessing.target());
  if (target != place_of_name.end()) map.target = target->second;
  if (!missing.empty()) return std::nullopt;
  return map;
}

// By position: the training file's columns, with or without the target.
std::optional<ColumnMap> MapByPosition(const v1::Preprocessing& preprocessing, size_t width) {
  ColumnMap map;
  const auto columns = static_cast<size_t>(preprocessing.columns_size());
  if (width != columns && width != columns + 1) return std::nullopt;
  if (width == columns + 1) map.target = preprocessing.target_index();
  for (size_t c = 0; c < columns; ++c) {
    map.places.push_back(map.target && c >= *map.target ? c + 1 : c);
  }
  for (size_t c = 0; c < width; ++c) map.names.push_back(absl::StrCat(c));
  return map;
}

// With names in training, a file without them is taken by position if its first row could be data.
bool CouldBeData(const v1::Preprocessing& preprocessing, const ColumnMap& map,
                 const std::vector<std::string>& row) {
  double value = 0;
  for (int c = 0; c < preprocessing.columns_size(); ++c) {
    if (preprocessing.columns(c).kind() != v1::Column::NUMERIC) continue;
    if (ParseCell(row[*map.places[static_cast<size_t>(c)]], &value) == CellKind::kText)
      return false;
  }
  return true;
}

absl::StatusOr<ColumnMap> MapColumns(const v1::Preprocessing& preprocessing, const InputFile& data,
                                     const CsvSample& sample, v1::ImportSettings::Header header) {
  const std::vector<std::string>& first_row = sample.rows[0];
  std::vector<std::string> missing;
  std::optional<ColumnMap> map;
  // Without names in training a header says nothing: it is skipped when asked for.
  if (header != v1::ImportSettings::NO && preprocessing.has_header()) {
    map = MapByName(preprocessing, first_row, missing);
    if (map) return *std::move(map);
    if (header == v1::ImportSettings::YES) {
      return absl::InvalidArgumentError(absl::StrCat(data.name, ": the header lacks the columns ",
                                                     ListNames(missing), "; it has ",
                                                     ListNames(HeaderNames(first_row))));
    }
  }
  map = MapByPosition(preprocessing, first_row.size());
  if (!map) {
    return absl::InvalidArgumentError(absl::StrCat(
        data.name, ": line 1 has ", first_row.size(), " fields, but the model's data had ",
        preprocessing.columns_size(), " columns and the target",
        missing.empty() ? "" : absl::StrCat(", and as a header it lacks ", ListNames(missing))));
  }
  if (!missing.empty() && !CouldBeData(preprocessing, *map, first_row)) {
    return absl::InvalidArgumentError(absl::StrCat(
        data.name, ": line 1 has text where training had numbers, and as a header it lacks ",
        ListNames(missing)));
  }
  map->has_header = header == v1::ImportSettings::YES;
  return *std::move(map);
}

class CsvRowReader : public RowReader {
 public:
  CsvRowReader(const v1::Preprocessing& preprocessing, ColumnMap map, CsvTable table)
      : encoder_(preprocessing),
        classes_({preprocessing.classes().begin(), preprocessing.classes().end()}),
        map_(std::move(map)),
        table_(std::move(table)) {}

  bool has_labels() const override { return map_.target.has_value(); }
  std::string RowText() const override {
    return map_.target ? table_.CellText(*map_.target) : table_.CellText(0);
  }

  absl::StatusOr<bool> Next(std::span<float> x, RowLabel* label) override {
    CAVIAR_ASSIGN_OR_RETURN(const bool found, table_.Next());
    if (!found) return false;
    std::fill(x.begin(), x.end(), 0.0f);
    for (size_t c = 0; c < map_.places.size(); ++c) {
      if (!map_.places[c]) continue;
      const size_t place = *map_.places[c];
      if (!encoder_.Encode(c, table_.field(place), x)) {
        return absl::InvalidArgumentError(
            absl::StrCat(table_.CellText(place), ": ", Quoted(table_.field(place)),
                         " is not a finite number, but the column held numbers in training"));
      }
    }
    CAVIAR_RETURN_IF_ERROR(ReadLabel(label));
    return true;
  }

 private:
  absl::Status ReadLabel(RowLabel* label) const {
    *label = RowLabel();
    if (!map_.target) return absl::OkStatus();
    const absl::string_view text = table_.field(*map_.target);
    double ignored = 0;
    if (ParseCell(text, &ignored) == CellKind::kMissing) return absl::OkStatus();
    if (!IsUtf8(text)) {
      return absl::InvalidArgumentError(absl::StrCat(table_.CellText(*map_.target), ": ",
                                                     Quoted(text),
                                                     " is not UTF-8; convert the file to UTF-8"));
    }
    label->text = std::string(text);
    const std::optional<int32_t> index = classes_.Find(text, &label->dropped_period);
    label->state = index ? RowLabel::State::kKnown : RowLabel::State::kUnknown;
    label->label = index.value_or(-1);
    return absl::OkStatus();
  }

  const RowEncoder encoder_;
  const LabelIndex classes_;
  const ColumnMap map_;
  CsvTable table_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowReader>> OpenCsvRows(const v1::Preprocessing& preprocessing,
                                                       const InputFile& data,
                                                       v1::ImportSettings::Header header) {
  CAVIAR_ASSIGN_OR_RETURN(const CsvSample sample, SampleCsv(data));
  CAVIAR_ASSIGN_OR_RETURN(ColumnMap map, MapColumns(preprocessing, data, sample, header));
  CAVIAR_ASSIGN_OR_RETURN(CsvTable table,
                          CsvTable::Open(data, sample.delimiter, map.has_header, map.names));
  return std::make_unique<CsvRowReader>(preprocessing, std::move(map), std::move(table));
}

}  // namespace caviar::data
