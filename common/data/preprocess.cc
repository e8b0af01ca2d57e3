#include "common/data/preprocess.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/data/block_source.h"
#include "common/data/csv_row_reader.h"
#include "common/data/labels.h"
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

}  // namespace caviar::data
