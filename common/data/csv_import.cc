// The CSV importer: layout and column kinds from a first pass, medians, scales and categories from
// a second one over the training rows.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/data/cell.h"
#include "common/data/column_fit.h"
#include "common/data/csv_column_scan.h"
#include "common/data/csv_layout.h"
#include "common/data/csv_table.h"
#include "common/data/import_source.h"
#include "common/data/limits.h"
#include "common/status/status_macros.h"

namespace caviar::data {
namespace {

using Order = CsvColumnScan::Order;

class CsvImport : public ImportSource {
 public:
  CsvImport(InputFile file, CsvLayout layout, std::vector<Order> orders)
      : file_(std::move(file)), layout_(std::move(layout)), orders_(std::move(orders)) {}

  absl::Status Scan(LabelColumn& labels, ImportReport& report) override;
  absl::Status Fit(std::span<const PartName> part_of_row, v1::Preprocessing& preprocessing,
                   ImportReport& report) override;

 private:
  absl::StatusOr<CsvTable> OpenTable() const {
    return CsvTable::Open(file_, layout_.delimiter, layout_.has_header, layout_.names);
  }
  absl::Status ScanRows(LabelColumn& labels, std::vector<CsvColumnScan>& scans,
                        ImportReport& report);
  void Report(const v1::Preprocessing& preprocessing, ImportReport& report) const;
  std::string ColumnText(size_t column) const {
    return data::ColumnText(layout_.names[column], layout_.has_header);
  }

  const InputFile file_;
  const CsvLayout layout_;
  const std::vector<Order> orders_;  // one a column
  std::vector<v1::Column::Kind> kinds_;
  std::vector<bool> may_be_ids_;  // whole numbers only
};

absl::Status CsvImport::ScanRows(LabelColumn& labels, std::vector<CsvColumnScan>& scans,
                                 ImportReport& report) {
  CAVIAR_ASSIGN_OR_RETURN(CsvTable table, OpenTable());
  const auto target = static_cast<size_t>(layout_.target);
  const auto width = static_cast<int64_t>(table.width());
  int64_t rows = 0;
  int64_t rows_without_target = 0;
  int64_t first_line_without_target = 0;
  double ignored = 0;
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool found, table.Next());
    if (!found) break;
    const absl::string_view label = table.field(target);
    if (ParseCell(label, &ignored) == CellKind::kMissing) {
      if (rows_without_target++ == 0) first_line_without_target = table.line();
      continue;
    }
    if (++rows * width > kCellsMax) {
      return absl::ResourceExhaustedError(
          absl::StrCat(file_.name, ", line ", table.line(), ": more than ", kCellsMax,
                       " cells (rows times columns); drop columns, or import fewer rows"));
    }
    const absl::Status added = labels.Add(label);
    if (!added.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(table.CellText(target), ": ", added.message()));
    }
    for (size_t c = 0; c < scans.size(); ++c) {
      if (c == target) continue;
      const absl::Status status = scans[c].Add(table.field(c), table.line());
      if (!status.ok()) {
        return absl::InvalidArgumentError(absl::StrCat(table.CellText(c), ": ", status.message()));
      }
    }
  }
  if (rows == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        file_.name, rows_without_target == 0 ? ": the file has no data rows"
                                             : ": no row has a value in the target column"));
  }
  if (rows_without_target > 0) {
    report.warnings.push_back(absl::StrCat(file_.name, ": ", rows_without_target,
                                           " rows without a target were left out, the first in "
                                           "line ",
                                           first_line_without_target));
  }
  return absl::OkStatus();
}

absl::Status CsvImport::Scan(LabelColumn& labels, ImportReport& report) {
  std::vector<CsvColumnScan> scans;
  for (const Order order : orders_) scans.emplace_back(order);
  CAVIAR_RETURN_IF_ERROR(ScanRows(labels, scans, report));
  for (size_t c = 0; c < scans.size(); ++c) {
    may_be_ids_.push_back(scans[c].has_only_integers());
    if (static_cast<int>(c) == layout_.target) {
      kinds_.push_back(v1::Column::DROPPED);
      continue;
    }
    CAVIAR_ASSIGN_OR_RETURN(const CsvColumnScan::Decision decision,
                            scans[c].DecideKind(file_.name, ColumnText(c)));
    kinds_.push_back(decision.kind);
    if (!decision.warning.empty()) {
      report.warnings.push_back(absl::StrCat(ColumnText(c), " ", decision.warning));
    } else if (decision.kind == v1::Column::NUMERIC && scans[c].CountsRows()) {
      report.warnings.push_back(
          absl::StrCat(ColumnText(c),
                       " counts the rows; if it is a row id, drop it: it tells nothing about "
                       "new rows"));
      may_be_ids_[c] = false;  // said already
    }
  }
  return absl::OkStatus();
}

absl::Status CsvImport::Fit(std::span<const PartName> part_of_row, v1::Preprocessing& preprocessing,
                            ImportReport& report) {
  std::vector<ColumnFit> fits;
  for (size_t c = 0; c < kinds_.size(); ++c) fits.emplace_back(kinds_[c]);
  CAVIAR_ASSIGN_OR_RETURN(CsvTable table, OpenTable());
  const auto target = static_cast<size_t>(layout_.target);
  double ignored = 0;
  size_t row = 0;
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool found, table.Next());
    if (!found) break;
    if (ParseCell(table.field(target), &ignored) == CellKind::kMissing) continue;
    if (row == part_of_row.size()) break;
    if (part_of_row[row++] != PartName::kTrain) continue;
    for (size_t c = 0; c < fits.size(); ++c) fits[c].Add(table.field(c));
  }
  if (row != part_of_row.size()) {
    return absl::AbortedError(absl::StrCat(file_.name, ": the file changed while it was read"));
  }
  preprocessing.set_format(v1::ImportSettings::CSV);
  preprocessing.set_has_header(layout_.has_header);
  preprocessing.set_target(layout_.names[target]);
  preprocessing.set_target_index(static_cast<uint32_t>(target));
  int64_t features = 0;
  for (size_t c = 0; c < fits.size(); ++c) {
    if (c == target) continue;
    v1::Column& column = *preprocessing.add_columns();
    column.set_name(layout_.names[c]);
    const std::string warning = fits[c].Finish(layout_.names[c], may_be_ids_[c], column);
    if (!warning.empty()) report.warnings.push_back(absl::StrCat(ColumnText(c), " ", warning));
    if (column.categories_size() > kCategoriesMax) {
      return absl::InvalidArgumentError(absl::StrCat(
          file_.name, ", ", ColumnText(c), ": more than ", kCategoriesMax,
          " categories in the training rows; each would become a feature. Drop the column"));
    }
    features += FeaturesOf(column);
  }
  if (features == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(file_.name, ": no column is left to learn from beside the target"));
  }
  preprocessing.set_features(static_cast<uint32_t>(features));
  Report(preprocessing, report);
  return absl::OkStatus();
}

void CsvImport::Report(const v1::Preprocessing& preprocessing, ImportReport& report) const {
  constexpr size_t kShown = 20;
  int numeric = 0;
  std::vector<std::string> categorical, dropped, with_missing;
  for (const v1::Column& column : preprocessing.columns()) {
    const std::string name = Quoted(column.name());
    if (column.kind() == v1::Column::NUMERIC) ++numeric;
    if (column.kind() == v1::Column::CATEGORICAL) {
      categorical.push_back(absl::StrCat(name, " with ", column.categories_size()));
    }
    if (column.kind() == v1::Column::DROPPED) dropped.push_back(name);
    if (column.has_missing_indicator()) with_missing.push_back(name);
  }
  const auto list = [](std::vector<std::string> items) {
    const size_t count = items.size();
    if (count > kShown) {
      items.resize(kShown);
      items.push_back("…");
    }
    return count == 0 ? std::string() : absl::StrCat(" (", absl::StrJoin(items, ", "), ")");
  };
  report.decisions.push_back(
      absl::StrCat("columns: ", numeric, " numeric, ", categorical.size(), " categorical",
                   list(categorical), ", ", dropped.size(), " left out", list(dropped), "; ",
                   preprocessing.features(), " feature", preprocessing.features() == 1 ? "" : "s"));
  if (!with_missing.empty()) {
    report.decisions.push_back(
        absl::StrCat("missing numbers: the training median and an indicator stand for them, in ",
                     with_missing.size(), " of ", numeric, " numeric columns", list(with_missing)));
  }
}

absl::StatusOr<std::vector<Order>> OrdersFromSettings(const CsvLayout& layout,
                                                      const v1::ImportSettings& settings) {
  std::vector<Order> orders(layout.names.size(), Order::kDetect);
  const auto apply = [&](absl::string_view option, const std::string& wanted,
                         Order order) -> absl::Status {
    CAVIAR_ASSIGN_OR_RETURN(const int column, FindColumn(layout, option, wanted));
    if (column == layout.target) {
      return absl::InvalidArgumentError(
          absl::StrCat(option, ": ", Quoted(wanted), " is the target column"));
    }
    if (orders[column] != Order::kDetect && orders[column] != order) {
      return absl::InvalidArgumentError(
          absl::StrCat(option, ": ", Quoted(wanted), " is under categorical already"));
    }
    orders[column] = order;
    return absl::OkStatus();
  };
  for (const std::string& wanted : settings.categorical()) {
    CAVIAR_RETURN_IF_ERROR(apply("categorical", wanted, Order::kCategorical));
  }
  for (const std::string& wanted : settings.drop()) {
    CAVIAR_RETURN_IF_ERROR(apply("drop", wanted, Order::kDrop));
  }
  return orders;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ImportSource>> OpenCsvImport(const InputFile& data,
                                                            const v1::ImportSettings& settings,
                                                            ImportReport& report) {
  CAVIAR_ASSIGN_OR_RETURN(const CsvSample sample, SampleCsv(data));
  CAVIAR_ASSIGN_OR_RETURN(CsvLayout layout, LayOutCsv(data, sample, settings));
  absl::StatusOr<std::vector<Order>> wanted = OrdersFromSettings(layout, settings);
  if (!wanted.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(data.name, ": ", wanted.status().message()));
  }
  std::vector<Order> orders = *std::move(wanted);
  report.decisions.push_back(absl::StrCat(
      "format: CSV, ",
      layout.names.size() == 1 ? "one column"
                               : absl::StrCat(DelimiterName(layout.delimiter), "-separated"),
      sample.is_gzip ? ", gzip" : ""));
  report.decisions.push_back(
      absl::StrCat("header: ", layout.has_header ? "yes" : "no", ", ", layout.header_reason));
  return std::make_unique<CsvImport>(data, std::move(layout), std::move(orders));
}

}  // namespace caviar::data
