#include "common/data/preprocess.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/data/block_source.h"
#include "common/data/csv_row_reader.h"
#include "common/data/labels.h"
#include "common/data/limits.h"
#include "common/data/row_encoder.h"
#include "common/status/status_macros.h"

namespace caviar::data {
namespace {

class BlockRowReader : public RowReader {
 public:
  BlockRowReader(const v1::Preprocessing& preprocessing, bool has_labels,
                 std::unique_ptr<BlockSource> source)
      : mean_(preprocessing.block().mean()),
        deviation_(preprocessing.block().deviation()),
        classes_({preprocessing.classes().begin(), preprocessing.classes().end()}),
        has_labels_(has_labels),
        source_(std::move(source)),
        values_(static_cast<size_t>(source_->width())) {}

  bool has_labels() const override { return has_labels_; }
  std::string RowText() const override { return source_->RowText(); }
  int64_t values_left_out() const override { return source_->values_left_out(); }

  absl::StatusOr<bool> Next(std::span<float> x, RowLabel* label) override {
    CAVIAR_ASSIGN_OR_RETURN(const bool found, source_->Next(values_));
    if (!found) return false;
    for (size_t i = 0; i < x.size(); ++i) x[i] = FiniteFloat((values_[i] - mean_) / deviation_);
    *label = RowLabel();
    const std::optional<std::string> text = source_->label();
    if (!text) return true;
    label->text = *text;
    const std::optional<int32_t> index = classes_.Find(*text, &label->dropped_period);
    label->state = index ? RowLabel::State::kKnown : RowLabel::State::kUnknown;
    label->label = index.value_or(-1);
    return true;
  }

 private:
  const double mean_;
  const double deviation_;
  const LabelIndex classes_;
  const bool has_labels_;
  std::unique_ptr<BlockSource> source_;
  std::vector<double> values_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowReader>> RowReader::Open(const v1::Preprocessing& preprocessing,
                                                           const InputFile& data,
                                                           const InputFile& labels,
                                                           v1::ImportSettings::Header header) {
  const v1::ImportSettings::Format format = preprocessing.format();
  if (format == v1::ImportSettings::CSV) {
    if (labels.is_given()) {
      return absl::InvalidArgumentError(absl::StrCat(
          labels.name, ": labels of a CSV file are its target column; give no labels file"));
    }
    return OpenCsvRows(preprocessing, data, header);
  }
  if (format == v1::ImportSettings::AUTO) {
    return absl::InvalidArgumentError("the preprocessing names no format");
  }
  CAVIAR_ASSIGN_OR_RETURN(auto source,
                          OpenBlock(data, labels, format, preprocessing.block().width()));
  if (source->width() != preprocessing.features()) {
    return absl::InvalidArgumentError(absl::StrCat(data.name, ": has ", source->width(),
                                                   " values a row, but training had ",
                                                   preprocessing.features()));
  }
  const bool has_labels = format == v1::ImportSettings::LIBSVM || labels.is_given();
  return std::make_unique<BlockRowReader>(preprocessing, has_labels, std::move(source));
}

absl::StatusOr<FeatureTable> ReadFeatures(const v1::Preprocessing& preprocessing,
                                          const InputFile& data, const InputFile& labels,
                                          v1::ImportSettings::Header header) {
  CAVIAR_ASSIGN_OR_RETURN(const auto reader, RowReader::Open(preprocessing, data, labels, header));
  FeatureTable table;
  table.features = static_cast<int>(preprocessing.features());
  table.has_labels = reader->has_labels();
  std::vector<float> row(preprocessing.features());
  RowLabel label;
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool found, reader->Next(row, &label));
    if (!found) break;
    if (table.x.size() + row.size() > static_cast<size_t>(kValuesMax) ||
        table.rows == std::numeric_limits<int>::max()) {
      return absl::ResourceExhaustedError(
          absl::StrCat(reader->RowText(), ": more than ", kValuesMax, " values at once"));
    }
    ++table.rows;
    table.x.insert(table.x.end(), row.begin(), row.end());
    if (table.has_labels) table.labels.push_back(label.label);
  }
  if (table.rows == 0) {
    return absl::InvalidArgumentError(absl::StrCat(data.name, ": the file has no data rows"));
  }
  return table;
}

}  // namespace caviar::data
