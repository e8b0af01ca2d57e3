#include "common/data/import_plan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/data/cell.h"
#include "common/data/csv_layout.h"
#include "common/data/import_source.h"
#include "common/data/labels.h"
#include "common/data/limits.h"
#include "common/digest/sha256.h"
#include "common/status/status_macros.h"

namespace caviar::data {
namespace {

// One digest of all files' contents, each in its role.
absl::StatusOr<std::string> DigestOfFiles(const ImportFiles& files) {
  Sha256 digest;
  const std::pair<absl::string_view, const InputFile*> roles[] = {
      {"data", &files.data},
      {"labels", &files.labels},
      {"test_data", &files.test_data},
      {"test_labels", &files.test_labels}};
  for (const auto& [role, file] : roles) {
    if (!file->is_given()) continue;
    CAVIAR_ASSIGN_OR_RETURN(const std::string contents, DigestOfContents(*file));
    digest.Update(absl::StrCat(role, ":", contents, "\n"));
  }
  return digest.HexDigest();
}

// By the file's bytes; where they fit two formats, by what was asked of it: a first row
// "5<TAB>12:30" could be LIBSVM, but the columns of a target are those of a table.
absl::StatusOr<v1::ImportSettings::Format> FoundFormat(const InputFile& file, bool has_target) {
  CAVIAR_ASSIGN_OR_RETURN(const v1::ImportSettings::Format detected, DetectFormat(file));
  if (detected != v1::ImportSettings::LIBSVM || !has_target) return detected;
  const absl::StatusOr<CsvSample> sample = SampleCsv(file);
  const bool is_table = sample.ok() && sample->rows[0].size() > 1;
  return is_table ? v1::ImportSettings::CSV : detected;
}

absl::StatusOr<v1::ImportSettings::Format> FormatOf(const ImportFiles& files,
                                                    const v1::ImportSettings& settings) {
  if (!files.data.is_given()) return absl::InvalidArgumentError("no data file was given");
  if (files.test_labels.is_given() && !files.test_data.is_given()) {
    return absl::InvalidArgumentError(
        absl::StrCat(files.test_labels.name, ": test labels were given without test data"));
  }
  // Also with a format given, so that archives are recognised.
  CAVIAR_ASSIGN_OR_RETURN(const v1::ImportSettings::Format found,
                          FoundFormat(files.data, !settings.target().empty()));
  const v1::ImportSettings::Format format =
      settings.format() == v1::ImportSettings::AUTO ? found : settings.format();
  if (format == v1::ImportSettings::CSV && files.labels.is_given()) {
    return absl::InvalidArgumentError(absl::StrCat(
        files.labels.name, ": labels of a CSV file are its target column; give no labels file"));
  }
  const bool has_columns = format == v1::ImportSettings::CSV;
  if (!has_columns &&
      (!settings.target().empty() || settings.categorical_size() > 0 || settings.drop_size() > 0)) {
    return absl::InvalidArgumentError(absl::StrCat(
        files.data.name, ": target, categorical and drop name columns, which ",
        v1::ImportSettings::Format_Name(format), " files do not have; leave them out"));
  }
  const bool needs_labels = format == v1::ImportSettings::IDX || format == v1::ImportSettings::NPY;
  if (files.test_data.is_given() && needs_labels && !files.test_labels.is_given()) {
    return absl::InvalidArgumentError(
        absl::StrCat(files.test_data.name, ": the test data's labels file is missing"));
  }
  return format;
}

std::string ListClasses(const v1::Preprocessing& preprocessing) {
  constexpr int kShown = 30;
  std::vector<std::string> shown;
  for (int c = 0; c < std::min(preprocessing.classes_size(), kShown); ++c) {
    shown.push_back(preprocessing.classes(c));
  }
  if (preprocessing.classes_size() > kShown) shown.push_back("…");
  return absl::StrJoin(shown, ", ");
}

absl::Status WithName(const InputFile& file, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(file.name, ": ", status.message()));
}

void CountParts(const LabelColumn& labels, const std::vector<PartName>& part_of_row,
                v1::Dataset& dataset) {
  const auto classes = static_cast<int>(labels.classes().size());
  v1::DatasetPart* const parts[] = {dataset.mutable_train(), dataset.mutable_validation(),
                                    dataset.mutable_test()};
  for (v1::DatasetPart* part : parts) part->mutable_class_rows()->Resize(classes, 0);
  for (size_t row = 0; row < part_of_row.size(); ++row) {
    v1::DatasetPart& part = *parts[static_cast<int>(part_of_row[row])];
    part.set_rows(part.rows() + 1);
    uint32_t& class_rows = *part.mutable_class_rows()->Mutable(labels.class_of_row()[row]);
    ++class_rows;
  }
}

void ReportClasses(const LabelColumn& labels, const v1::Dataset& dataset, ImportReport& report) {
  const v1::Preprocessing& preprocessing = dataset.preprocessing();
  const bool is_csv = preprocessing.format() == v1::ImportSettings::CSV;
  report.decisions.push_back(
      absl::StrCat(is_csv ? absl::StrCat("target: ", Quoted(preprocessing.target()), " (column ",
                                         preprocessing.target_index(), " from 0), ")
                          : "target: ",
                   preprocessing.classes_size(), " classes: ", ListClasses(preprocessing)));

  const std::vector<uint32_t> rows = labels.CountRows();
  const auto is_tiny = [](uint32_t count) { return count < 3; };
  const auto first_tiny = std::find_if(rows.begin(), rows.end(), is_tiny);
  if (first_tiny != rows.end()) {
    report.warnings.push_back(absl::StrCat(
        "fewer than three rows in ", std::count_if(rows.begin(), rows.end(), is_tiny), " of ",
        rows.size(), " classes, which all go to training (such as ",
        Quoted(labels.classes()[static_cast<size_t>(first_tiny - rows.begin())]), ")"));
  }
  // Fewer rows say little about how often a class recurs.
  constexpr size_t kRowsToJudgeMin = 20;
  const auto first_label = static_cast<size_t>(labels.class_of_row()[0]);
  if (is_csv && !preprocessing.has_header() &&
      dataset.settings().header() == v1::ImportSettings::DETECT &&
      labels.class_of_row().size() >= kRowsToJudgeMin && rows[first_label] == 1) {
    report.warnings.push_back(absl::StrCat(
        "the first row was read as data, but its class ", Quoted(labels.classes()[first_label]),
        " occurs nowhere else; if it is a header, say so, or give the target by name"));
  }
}

// Labels, classes, split and fit from the data file.
absl::Status PlanData(const ImportFiles& files, const SplitShares& shares, ImportPlan& plan,
                      ImportReport& report) {
  v1::Dataset& dataset = plan.dataset;
  const v1::ImportSettings& settings = dataset.settings();
  std::unique_ptr<ImportSource> source;
  if (settings.format() == v1::ImportSettings::CSV) {
    CAVIAR_ASSIGN_OR_RETURN(source, OpenCsvImport(files.data, settings, report));
  } else {
    CAVIAR_ASSIGN_OR_RETURN(source,
                            OpenBlockImport(files.data, files.labels, settings.format(), report));
  }
  LabelColumn labels;
  CAVIAR_RETURN_IF_ERROR(source->Scan(labels, report));
  const absl::Status finished = labels.Finish();
  if (!finished.ok()) return WithName(files.data, finished);

  absl::StatusOr<std::vector<PartName>> parts =
      SplitRows(labels.class_of_row(), static_cast<int>(labels.classes().size()), shares,
                settings.split_seed());
  if (!parts.ok()) return WithName(files.data, parts.status());
  plan.part_of_row = *std::move(parts);
  CountParts(labels, plan.part_of_row, dataset);

  v1::Preprocessing& preprocessing = *dataset.mutable_preprocessing();
  for (const std::string& name : labels.classes()) preprocessing.add_classes(name);
  CAVIAR_RETURN_IF_ERROR(source->Fit(plan.part_of_row, preprocessing, report));
  if (static_cast<int64_t>(preprocessing.ByteSizeLong()) > kPreprocessingBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        files.data.name, ": the statistics and categories of ", preprocessing.columns_size(),
        " columns are more than the ", kPreprocessingBytesMax,
        " bytes that a data set's description may take; drop columns, or import as NPY or LIBSVM"));
  }
  ReportClasses(labels, dataset, report);
  return absl::OkStatus();
}

// Checks and counts the test file's rows.
absl::Status PlanTest(const ImportFiles& files, ImportPlan& plan, ImportReport& report) {
  CAVIAR_ASSIGN_OR_RETURN(const auto reader, OpenPlannedTest(files, plan));
  const v1::Preprocessing& preprocessing = plan.dataset.preprocessing();
  if (!reader->has_labels()) {
    return absl::InvalidArgumentError(absl::StrCat(files.test_data.name,
                                                   ": the test file lacks the target column ",
                                                   Quoted(preprocessing.target())));
  }
  std::vector<float> x(preprocessing.features());
  RowLabel label;
  int64_t rows_without_target = 0;
  std::string period_example;
  v1::DatasetPart& part = *plan.dataset.mutable_test();
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool found, reader->Next(x, &label));
    if (!found) break;
    if (label.state == RowLabel::State::kAbsent) {
      ++rows_without_target;
      continue;
    }
    if (label.state == RowLabel::State::kUnknown) {
      return absl::InvalidArgumentError(absl::StrCat(reader->RowText(), ": the class ",
                                                     Quoted(label.text), " does not occur in ",
                                                     files.data.name));
    }
    if (label.dropped_period && period_example.empty()) period_example = label.text;
    part.set_rows(part.rows() + 1);
    uint32_t& class_rows = *part.mutable_class_rows()->Mutable(label.label);
    ++class_rows;
  }
  if (part.rows() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(files.test_data.name, ": the test file has no rows with a target"));
  }
  if (!period_example.empty()) {
    report.decisions.push_back(
        absl::StrCat("test labels: a trailing period was dropped (", period_example, " is ",
                     period_example.substr(0, period_example.size() - 1), ")"));
  }
  if (rows_without_target > 0) {
    report.warnings.push_back(absl::StrCat(files.test_data.name, ": ", rows_without_target,
                                           " rows without a target were left out"));
  }
  if (reader->values_left_out() > 0) {
    report.warnings.push_back(absl::StrCat(
        files.test_data.name, ": ", reader->values_left_out(),
        " values were left out, because their index does not occur in ", files.data.name));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ImportPlan> PlanImport(const ImportFiles& files,
                                      const v1::ImportSettings& settings) {
  ImportPlan plan;
  ImportReport report;
  const bool has_test_file = files.test_data.is_given();
  CAVIAR_ASSIGN_OR_RETURN(const SplitShares shares, SharesFromSettings(settings, has_test_file));
  CAVIAR_ASSIGN_OR_RETURN(const v1::ImportSettings::Format format, FormatOf(files, settings));
  CAVIAR_ASSIGN_OR_RETURN(plan.source_digest, DigestOfFiles(files));
  v1::Dataset& dataset = plan.dataset;
  *dataset.mutable_settings() = settings;
  dataset.mutable_settings()->set_format(format);
  dataset.mutable_settings()->set_train_fraction(shares.train);
  dataset.mutable_settings()->set_validation_fraction(shares.validation);
  dataset.mutable_settings()->set_test_fraction(shares.test);

  CAVIAR_RETURN_IF_ERROR(PlanData(files, shares, plan, report));
  if (has_test_file) CAVIAR_RETURN_IF_ERROR(PlanTest(files, plan, report));
  report.decisions.push_back(absl::StrCat(
      "rows: ", dataset.train().rows() + dataset.validation().rows() + dataset.test().rows(),
      ", split into ", dataset.train().rows(), " training, ", dataset.validation().rows(),
      " validation and ", dataset.test().rows(), " test",
      has_test_file ? absl::StrCat(" (from ", files.test_data.name, ")") : "",
      ", stratified, seed ", settings.split_seed()));
  for (std::string& line : report.decisions) dataset.add_decisions(std::move(line));
  for (std::string& line : report.warnings) dataset.add_warnings(std::move(line));
  return plan;
}

absl::StatusOr<std::unique_ptr<RowReader>> OpenPlannedData(const ImportFiles& files,
                                                           const ImportPlan& plan) {
  const v1::Preprocessing& preprocessing = plan.dataset.preprocessing();
  return RowReader::Open(
      preprocessing, files.data, files.labels,
      preprocessing.has_header() ? v1::ImportSettings::YES : v1::ImportSettings::NO);
}

// A test file of a data file without header has none either, unless the user says so.
absl::StatusOr<std::unique_ptr<RowReader>> OpenPlannedTest(const ImportFiles& files,
                                                           const ImportPlan& plan) {
  return RowReader::Open(plan.dataset.preprocessing(), files.test_data, files.test_labels,
                         plan.dataset.settings().header());
}

}  // namespace caviar::data
