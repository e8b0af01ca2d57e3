#include "common/data/libsvm_block.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/data/block_source.h"
#include "common/data/cell.h"
#include "common/data/limits.h"
#include "common/data/line_reader.h"
#include "common/status/status_macros.h"
#include "common/text/number_text.h"

namespace caviar::data {
namespace {

constexpr absl::string_view kBlanks = " \t";

// The next word, removed from `rest`; empty at the end.
absl::string_view TakeWord(absl::string_view& rest) {
  const size_t begin = std::min(rest.find_first_not_of(kBlanks), rest.size());
  const size_t end = std::min(rest.find_first_of(kBlanks, begin), rest.size());
  const absl::string_view word = rest.substr(begin, end - begin);
  rest.remove_prefix(end);
  return word;
}

absl::Status ParseLabel(absl::string_view word, LibsvmRow* row) {
  double label = 0;
  if (ParseCell(word, &label) != CellKind::kNumber) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the label ", Quoted(word), " is not a number (one label a row, then index:value)"));
  }
  row->label = NumberText(label);
  return absl::OkStatus();
}

absl::Status ParseValue(absl::string_view word, LibsvmRow* row) {
  const size_t colon = word.find(':');
  const absl::string_view index_text = word.substr(0, std::min(colon, word.size()));
  int64_t index = 0;
  if (index_text == "qid") {
    return absl::InvalidArgumentError("ranking data (qid:…) is not supported, only classes");
  }
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(index_text, &index)) {
    return absl::InvalidArgumentError(absl::StrCat(Quoted(word), " is not index:value"));
  }
  if (index < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the index in ", Quoted(word), " is below 1; LIBSVM counts columns from 1"));
  }
  if (index > kFeaturesMax) {
    return absl::InvalidArgumentError(absl::StrCat("the index in ", Quoted(word), " is above the ",
                                                   kFeaturesMax, " columns that are supported"));
  }
  if (!row->values.empty() && index - 1 <= row->values.back().first) {
    return absl::InvalidArgumentError(absl::StrCat("the index in ", Quoted(word),
                                                   " does not rise (the one before it is ",
                                                   row->values.back().first + 1, ")"));
  }
  double value = 0;
  if (ParseCell(word.substr(colon + 1), &value) != CellKind::kNumber) {
    return absl::InvalidArgumentError(
        absl::StrCat("the value in ", Quoted(word), " is not a finite number"));
  }
  row->values.emplace_back(index - 1, value);
  return absl::OkStatus();
}

class LibsvmBlock : public BlockSource {
 public:
  LibsvmBlock(std::unique_ptr<ByteSource> source, int64_t width)
      : reader_(std::move(source)), width_(width) {}

  int64_t width() const override { return width_; }
  std::optional<std::string> label() const override { return row_.label; }
  std::string RowText() const override { return reader_.LineText(); }
  int64_t values_left_out() const override { return values_left_out_; }

  // Parses the next row into row(); false at the end.
  absl::StatusOr<bool> NextRow() {
    for (;;) {
      CAVIAR_ASSIGN_OR_RETURN(const bool found, reader_.Next());
      if (!found) return false;
      const absl::StatusOr<bool> is_row = ParseLibsvmLine(reader_.text(), &row_);
      if (!is_row.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat(reader_.LineText(), ": ", is_row.status().message()));
      }
      if (*is_row) return true;
    }
  }
  const LibsvmRow& row() const { return row_; }

  absl::StatusOr<bool> Next(std::span<double> values) override {
    CAVIAR_ASSIGN_OR_RETURN(const bool found, NextRow());
    if (!found) return false;
    std::fill(values.begin(), values.end(), 0.0);
    for (const auto& [index, value] : row_.values) {
      if (index < width_) {
        values[static_cast<size_t>(index)] = value;
      } else {
        ++values_left_out_;
      }
    }
    return true;
  }

 private:
  LineReader reader_;
  const int64_t width_;
  LibsvmRow row_;
  int64_t values_left_out_ = 0;
};

absl::StatusOr<int64_t> FindWidth(const InputFile& data) {
  CAVIAR_ASSIGN_OR_RETURN(auto source, ByteSource::Open(data));
  LibsvmBlock block(std::move(source), 0);
  int64_t width = 0;
  int64_t rows = 0;
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool found, block.NextRow());
    if (!found) break;
    ++rows;
    if (!block.row().values.empty()) width = std::max(width, block.row().values.back().first + 1);
  }
  if (rows == 0) return absl::InvalidArgumentError(absl::StrCat(data.name, ": has no rows"));
  if (width == 0) {
    return absl::InvalidArgumentError(absl::StrCat(data.name, ": no row has any index:value"));
  }
  if (rows > kValuesMax / width) {
    return absl::ResourceExhaustedError(
        absl::StrCat(data.name, ": ", rows, " rows of ", width, " columns are more than the ",
                     kValuesMax, " values that fit a data set (they are stored densely)"));
  }
  return width;
}

}  // namespace

absl::StatusOr<bool> ParseLibsvmLine(absl::string_view line, LibsvmRow* row) {
  line = line.substr(0, std::min(line.find('#'), line.size()));
  row->label.clear();
  row->values.clear();
  const absl::string_view label = TakeWord(line);
  if (label.empty()) return false;
  CAVIAR_RETURN_IF_ERROR(ParseLabel(label, row));
  for (absl::string_view word = TakeWord(line); !word.empty(); word = TakeWord(line)) {
    CAVIAR_RETURN_IF_ERROR(ParseValue(word, row));
  }
  return true;
}

bool LooksLikeLibsvm(absl::string_view start) {
  constexpr int kLinesLookedAt = 20;
  LibsvmRow row;
  for (int lines = 0; lines < kLinesLookedAt && !start.empty(); ++lines) {
    const size_t end = start.find('\n');
    absl::string_view line = start.substr(0, std::min(end, start.size()));
    if (absl::EndsWith(line, "\r")) line.remove_suffix(1);
    absl::string_view rest = line.substr(0, std::min(line.find('#'), line.size()));
    const absl::string_view label = TakeWord(rest);
    const absl::string_view value = TakeWord(rest);
    double number = 0;
    // Loosely: what is wrong in detail is told by ParseLibsvmLine, with the line.
    if (!label.empty() && ParseCell(label, &number) != CellKind::kNumber) return false;
    if (!value.empty()) {
      const size_t colon = value.find(':');
      return colon != absl::string_view::npos && colon > 0 &&
             value.find_first_of(",;\t\"") == absl::string_view::npos &&
             (absl::SimpleAtod(value.substr(0, colon), &number) || value.substr(0, colon) == "qid");
    }
    if (end == absl::string_view::npos) return false;
    start.remove_prefix(end + 1);
  }
  return false;
}

absl::StatusOr<std::unique_ptr<BlockSource>> OpenLibsvm(const InputFile& data, int64_t width) {
  if (width == 0) {
    CAVIAR_ASSIGN_OR_RETURN(width, FindWidth(data));
  }
  CAVIAR_ASSIGN_OR_RETURN(auto source, ByteSource::Open(data));
  return std::make_unique<LibsvmBlock>(std::move(source), width);
}

}  // namespace caviar::data
