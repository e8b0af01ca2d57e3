// IDX and NPY files as rows.
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/data/array_header.h"
#include "common/data/block_source.h"
#include "common/data/cell.h"
#include "common/data/limits.h"
#include "common/status/status_macros.h"
#include "common/text/number_text.h"

namespace caviar::data {
namespace {

// One array, row by row.
class ArrayRows {
 public:
  static absl::StatusOr<ArrayRows> Open(const InputFile& file, v1::ImportSettings::Format format) {
    ArrayRows array;
    CAVIAR_ASSIGN_OR_RETURN(array.source_, ByteSource::Open(file));
    CAVIAR_ASSIGN_OR_RETURN(array.header_, format == v1::ImportSettings::IDX
                                               ? ReadIdxHeader(*array.source_)
                                               : ReadNpyHeader(*array.source_));
    if (array.header_.width() > kFeaturesMax) {
      return absl::InvalidArgumentError(
          absl::StrCat(file.name, ": rows of ", absl::StrJoin(array.header_.shape, " x "),
                       " have more than the ", kFeaturesMax, " values that are supported"));
    }
    array.bytes_.resize(static_cast<size_t>(array.header_.width() * array.header_.bytes));
    return array;
  }

  const ArrayHeader& header() const { return header_; }
  const std::string& name() const { return source_->name(); }
  int64_t row() const { return row_; }

  absl::StatusOr<bool> Next(std::span<double> values) {
    if (row_ + 1 == header_.rows()) {
      char extra = 0;
      CAVIAR_ASSIGN_OR_RETURN(const size_t more, source_->Read(std::span(&extra, 1)));
      if (more == 0) return false;
      return absl::InvalidArgumentError(absl::StrCat(name(), ": more bytes follow the ",
                                                     header_.rows(), " rows of ",
                                                     absl::StrJoin(header_.shape, " x ")));
    }
    ++row_;
    CAVIAR_ASSIGN_OR_RETURN(const size_t have, source_->ReadFully(std::span(bytes_)));
    if (have != bytes_.size()) {
      return absl::InvalidArgumentError(absl::StrCat(name(), ": the file ends in row ", row_,
                                                     " (counted from 0) of ", header_.rows()));
    }
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = DecodeElement(header_, bytes_.data() + i * static_cast<size_t>(header_.bytes));
      // Written so that NaN fails too.
      if (!(std::abs(values[i]) <= kMagnitudeMax)) {
        return absl::InvalidArgumentError(absl::StrCat(name(), ", row ", row_, ", value ", i,
                                                       " (counted from 0): ", NumberText(values[i]),
                                                       " is not a finite number of usual size"));
      }
    }
    return true;
  }

 private:
  std::unique_ptr<ByteSource> source_;
  ArrayHeader header_;
  std::vector<char> bytes_;
  int64_t row_ = -1;
};

absl::StatusOr<std::vector<double>> ReadLabels(const InputFile& file,
                                               v1::ImportSettings::Format format) {
  CAVIAR_ASSIGN_OR_RETURN(ArrayRows array, ArrayRows::Open(file, format));
  if (array.header().width() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(file.name, ": labels are one number a row, but the file holds ",
                     absl::StrJoin(array.header().shape, " x "), "; are data and labels swapped?"));
  }
  std::vector<double> labels;
  double label = 0;
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool found, array.Next(std::span(&label, 1)));
    if (!found) return labels;
    if (label != std::floor(label)) {
      return absl::InvalidArgumentError(absl::StrCat(
          file.name, ", row ", array.row(), " (counted from 0): the label ", NumberText(label),
          " is no whole number: regression is not supported, only classes; put the values into "
          "classes numbered 0, 1, 2 … first"));
    }
    labels.push_back(label);
  }
}

class BinaryBlock : public BlockSource {
 public:
  BinaryBlock(ArrayRows data, bool has_labels, std::vector<double> labels)
      : data_(std::move(data)), has_labels_(has_labels), labels_(std::move(labels)) {}

  int64_t width() const override { return data_.header().width(); }
  absl::StatusOr<bool> Next(std::span<double> values) override { return data_.Next(values); }
  std::optional<std::string> label() const override {
    if (!has_labels_) return std::nullopt;
    return NumberText(labels_[static_cast<size_t>(data_.row())]);
  }
  std::string RowText() const override {
    return absl::StrCat(data_.name(), ", row ", data_.row(), " (counted from 0)");
  }

 private:
  ArrayRows data_;
  bool has_labels_;
  std::vector<double> labels_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BlockSource>> OpenBinaryBlock(const InputFile& data,
                                                             const InputFile& labels,
                                                             v1::ImportSettings::Format format) {
  CAVIAR_ASSIGN_OR_RETURN(ArrayRows array, ArrayRows::Open(data, format));
  const ArrayHeader& header = array.header();
  if (header.rows() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(data.name, ": the file has no rows"));
  }
  if (header.shape.size() < 2 || header.width() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(data.name, ": rows of at least one value are needed, but the dimensions are ",
                     absl::StrJoin(header.shape, " x "),
                     header.shape.size() < 2 ? "; are data and labels swapped?" : ""));
  }
  std::vector<double> numbers;
  if (labels.is_given()) {
    CAVIAR_ASSIGN_OR_RETURN(numbers, ReadLabels(labels, format));
    if (static_cast<int64_t>(numbers.size()) != header.rows()) {
      return absl::InvalidArgumentError(absl::StrCat(data.name, " has ", header.rows(),
                                                     " rows, but ", labels.name, " has ",
                                                     numbers.size(), " labels"));
    }
  }
  return std::make_unique<BinaryBlock>(std::move(array), labels.is_given(), std::move(numbers));
}

absl::StatusOr<std::unique_ptr<BlockSource>> OpenBlock(const InputFile& data,
                                                       const InputFile& labels,
                                                       v1::ImportSettings::Format format,
                                                       int64_t width) {
  return format == v1::ImportSettings::LIBSVM ? OpenLibsvm(data, width)
                                              : OpenBinaryBlock(data, labels, format);
}

}  // namespace caviar::data
