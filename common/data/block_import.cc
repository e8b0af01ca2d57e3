// The importer of IDX, NPY and LIBSVM: all values share one scale, because pixels and bags of words
// are alike; a scale for each would blow up pixels that are nearly always black.
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/data/block_source.h"
#include "common/data/import_source.h"
#include "common/data/limits.h"
#include "common/status/status_macros.h"

namespace caviar::data {
namespace {

// Mean and sum of squared differences of all values so far, merged row by row (Chan, Golub and
// LeVeque 1983), so that one pass is as exact as two.
class Moments {
 public:
  void AddRow(std::span<const double> values) {
    const auto count = static_cast<double>(values.size());
    double sum = 0;
    for (const double value : values) sum += value;
    const double mean = sum / count;
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    const double total = count_ + count;
    const double difference = mean - mean_;
    squares_ += squares + difference * difference * count_ * count / total;
    mean_ += difference * count / total;
    count_ = total;
  }
  double mean() const { return mean_; }
  double deviation() const { return std::sqrt(squares_ / count_); }
  // Root of the mean square: the deviation about zero.
  double magnitude() const { return std::sqrt(squares_ / count_ + mean_ * mean_); }

 private:
  double count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

class BlockImport : public ImportSource {
 public:
  BlockImport(InputFile data, InputFile labels, v1::ImportSettings::Format format)
      : data_(std::move(data)), labels_(std::move(labels)), format_(format) {}

  absl::Status Scan(LabelColumn& labels, ImportReport& report) override;
  absl::Status Fit(std::span<const PartName> part_of_row, v1::Preprocessing& preprocessing,
                   ImportReport& report) override;

 private:
  const InputFile data_;
  const InputFile labels_;
  const v1::ImportSettings::Format format_;
  int64_t width_ = 0;
};

absl::Status BlockImport::Scan(LabelColumn& labels, ImportReport& report) {
  CAVIAR_ASSIGN_OR_RETURN(const auto source, OpenBlock(data_, labels_, format_, 0));
  width_ = source->width();
  std::vector<double> values(static_cast<size_t>(width_));
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool found, source->Next(values));
    if (!found) break;
    const absl::Status added = labels.Add(*source->label());
    if (!added.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(source->RowText(), ": ", added.message()));
    }
  }
  report.decisions.push_back(absl::StrCat("columns: ", width_, " numbers that share one scale"));
  return absl::OkStatus();
}

absl::Status BlockImport::Fit(std::span<const PartName> part_of_row,
                              v1::Preprocessing& preprocessing, ImportReport&) {
  CAVIAR_ASSIGN_OR_RETURN(const auto source, OpenBlock(data_, labels_, format_, width_));
  std::vector<double> values(static_cast<size_t>(width_));
  Moments moments;
  size_t row = 0;
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool found,
                            source->width() == width_ ? source->Next(values) : false);
    if (!found || row == part_of_row.size()) break;
    if (part_of_row[row++] == PartName::kTrain) moments.AddRow(values);
  }
  if (row != part_of_row.size()) {
    return absl::AbortedError(absl::StrCat(data_.name, ": the file changed while it was read"));
  }
  preprocessing.set_format(format_);
  preprocessing.set_features(static_cast<uint32_t>(width_));
  v1::UniformBlock& block = *preprocessing.mutable_block();
  block.set_width(static_cast<uint32_t>(width_));
  const bool keeps_zeros = format_ == v1::ImportSettings::LIBSVM;
  block.set_mean(keeps_zeros ? 0 : moments.mean());
  block.set_deviation(keeps_zeros ? moments.magnitude() : moments.deviation());
  // Equal values leave at most the rounding of their mean.
  if (!(block.deviation() > 1e-12 * std::abs(moments.mean()))) block.set_deviation(1);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ImportSource>> OpenBlockImport(const InputFile& data,
                                                              const InputFile& labels,
                                                              v1::ImportSettings::Format format,
                                                              ImportReport& report) {
  const bool is_libsvm = format == v1::ImportSettings::LIBSVM;
  const std::string& format_name = v1::ImportSettings::Format_Name(format);
  if (!is_libsvm && !labels.is_given()) {
    return absl::InvalidArgumentError(absl::StrCat(
        data.name, ": an ", format_name, " file needs its labels in a second ", format_name,
        " file; give that too (--labels FILE, or "
        "data.labels_path in a job file)"));
  }
  if (is_libsvm && labels.is_given()) {
    return absl::InvalidArgumentError(
        absl::StrCat(labels.name, ": a LIBSVM file has its labels within; give no labels file"));
  }
  report.decisions.push_back(absl::StrCat(
      "format: ", format_name,
      is_libsvm ? "" : absl::StrCat(", data from ", data.name, ", labels from ", labels.name)));
  return std::make_unique<BlockImport>(data, labels, format);
}

}  // namespace caviar::data
