#include "common/data/csv_column_scan.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/data/cell.h"
#include "common/data/limits.h"
#include "common/text/number_text.h"

namespace caviar::data {
namespace {

// Numbers of more different values than this are measurements, not codes.
constexpr size_t kCodesMax = 20;
// Below it nothing can be said about how often values repeat.
constexpr int64_t kRowsToJudgeMin = 20;

}  // namespace

void CsvColumnScan::AddDistinct(absl::string_view text, size_t distinct_max) {
  if (distinct_.size() <= distinct_max && !distinct_.contains(text)) distinct_.emplace(text);
}

absl::Status CsvColumnScan::Add(absl::string_view text, int64_t line) {
  if (order_ == Order::kDrop) return absl::OkStatus();
  double number = 0;
  const CellKind kind = ParseCell(text, &number);
  switch (kind) {
    case CellKind::kMissing:
      ++missing_;
      return absl::OkStatus();
    case CellKind::kNumber:
      if (numbers_ > 0 && number != last_number_ + 1) counts_ = false;
      last_number_ = number;
      ++numbers_;
      if (number == std::floor(number)) ++integers_;
      break;
    case CellKind::kInfinite:
      if (first_infinite_.line == 0) first_infinite_ = {std::string(text), line};
      break;
    case CellKind::kText:
      if (!IsUtf8(text)) {
        return absl::InvalidArgumentError(absl::StrCat(
            Quoted(text), " is not UTF-8; convert the file (iconv -f LATIN1 -t UTF-8)"));
      }
      if (first_text_.line == 0) first_text_ = {std::string(text), line};
      ++texts_;
      break;
  }
  if (texts_ == 0 && order_ == Order::kDetect) {
    AddDistinct(text, kCodesMax);
    distinct_numbers_ = static_cast<int64_t>(distinct_.size());
  } else {
    AddDistinct(text, kCategoriesMax);
  }
  return absl::OkStatus();
}

bool CsvColumnScan::CountsRows() const {
  return counts_ && numbers_ >= kRowsToJudgeMin && texts_ == 0 && missing_ == 0;
}

absl::StatusOr<CsvColumnScan::Decision> CsvColumnScan::DecideKind(
    const std::string& file_name, const std::string& column_text) const {
  const auto present = static_cast<int64_t>(numbers_ + texts_ + (first_infinite_.line != 0));
  const auto distinct = static_cast<int64_t>(distinct_.size());
  if (order_ == Order::kDrop) return Decision{v1::Column::DROPPED, ""};
  if (present == 0) {
    return Decision{v1::Column::DROPPED, "has no values at all and is left out"};
  }
  if (order_ == Order::kCategorical) return Decision{v1::Column::CATEGORICAL, ""};
  if (texts_ == 0) {
    if (first_infinite_.line != 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          file_name, ", line ", first_infinite_.line, ", ", column_text, ": ",
          Quoted(first_infinite_.text), " is infinite or too large (numbers must stay within ±",
          NumberText(kMagnitudeMax), ")"));
    }
    return Decision{v1::Column::NUMERIC, ""};
  }
  // Four numbers for one text, and too many different ones for codes: the text is a slip.
  const bool looks_numeric =
      numbers_ >= 4 * texts_ &&
      (distinct_numbers_ > static_cast<int64_t>(kCodesMax) || distinct_numbers_ * 2 > numbers_);
  if (looks_numeric) {
    return absl::InvalidArgumentError(absl::StrCat(
        file_name, ", line ", first_text_.line, ", ", column_text, ": ", Quoted(first_text_.text),
        " is not a number, but ", numbers_, " of the column's ", present,
        " values are; correct it (empty, ?, NA or NaN where a value is missing), or name the "
        "column "
        "under categorical or drop"));
  }
  if (distinct == 1) {
    return Decision{v1::Column::DROPPED, absl::StrCat("holds ", Quoted(first_text_.text),
                                                      " throughout and is left out")};
  }
  if (distinct > kCategoriesMax ||
      (distinct > kRowsToJudgeMin && present >= kRowsToJudgeMin && distinct * 2 > present)) {
    return Decision{
        v1::Column::DROPPED,
        absl::StrCat("is text that hardly repeats (such as ", Quoted(first_text_.text),
                     "), so it looks like names or row ids and is left out; name it under "
                     "categorical to keep it")};
  }
  return Decision{v1::Column::CATEGORICAL, ""};
}

}  // namespace caviar::data
