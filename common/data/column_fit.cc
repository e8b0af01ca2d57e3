#include "common/data/column_fit.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/data/cell.h"
#include "common/data/limits.h"

namespace caviar::data {
namespace {

constexpr size_t kNumbersToJudgeMin = 20;

bool IsNamedLikeAnId(absl::string_view name) {
  const std::string lower = absl::AsciiStrToLower(name);
  for (const char* word : {"id", "index", "idx", "row", "rownum", "row_number", "uuid", "key"}) {
    if (lower == word) return true;
  }
  return absl::EndsWith(lower, "_id") || absl::EndsWith(lower, " id") ||
         absl::StartsWith(lower, "id_") || absl::EndsWith(lower, "-id") ||
         absl::EndsWith(lower, ".id") || absl::EndsWith(name, "Id") || absl::EndsWith(name, "ID");
}

// Different values among whole numbers. Sorts them.
size_t CountDistinct(std::vector<double>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  size_t distinct = 0;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (i == 0 || numbers[i] != numbers[i - 1]) ++distinct;
  }
  return distinct;
}

// The middle value, or the mean of the two middle ones. Reorders the numbers.
double Median(std::vector<double>& numbers) {
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  if (numbers.size() % 2 == 1) return *middle;
  return (*std::max_element(numbers.begin(), middle) + *middle) / 2;
}

}  // namespace

int64_t FeaturesOf(const v1::Column& column) {
  switch (column.kind()) {
    case v1::Column::NUMERIC:
      return column.has_missing_indicator() ? 2 : 1;
    case v1::Column::CATEGORICAL:
      return column.categories_size();
    default:
      return 0;
  }
}

void ColumnFit::Add(absl::string_view text) {
  if (kind_ == v1::Column::DROPPED) return;
  double number = 0;
  const CellKind cell = ParseCell(text, &number);
  if (cell == CellKind::kMissing) {
    ++missing_;
  } else if (kind_ == v1::Column::NUMERIC) {
    numbers_.push_back(number);
  } else if (!categories_.contains(text) &&
             static_cast<int64_t>(categories_.size()) <= kCategoriesMax) {
    categories_.emplace(text);
  }
}

std::string ColumnFit::Finish(absl::string_view name, bool may_be_id, v1::Column& column) {
  column.set_kind(kind_);
  if (kind_ == v1::Column::DROPPED) return "";
  if (numbers_.empty() && categories_.empty()) {
    column.set_kind(v1::Column::DROPPED);
    return "has no values in the training rows and is left out";
  }
  if (kind_ == v1::Column::NUMERIC) return FinishNumeric(name, may_be_id, column);
  std::vector<std::string> categories(categories_.begin(), categories_.end());
  std::sort(categories.begin(), categories.end());
  for (std::string& category : categories) column.add_categories(std::move(category));
  return "";
}

std::string ColumnFit::FinishNumeric(absl::string_view name, bool may_be_id, v1::Column& column) {
  // Missing values take the median before mean and deviation are taken, so that the feature has
  // mean 0 and deviation 1 as it is trained on. Sums go in file order.
  std::vector<double> sorted = numbers_;
  const double median = Median(sorted);
  const double count = static_cast<double>(numbers_.size()) + static_cast<double>(missing_);
  double sum = median * static_cast<double>(missing_);
  for (const double number : numbers_) sum += number;
  const double mean = sum / count;
  double squares = (median - mean) * (median - mean) * static_cast<double>(missing_);
  for (const double number : numbers_) squares += (number - mean) * (number - mean);
  const auto [least, most] = std::minmax_element(numbers_.begin(), numbers_.end());
  // By the values and not by the sum, whose rounding would leave a deviation near zero.
  const bool is_constant = *least == *most;
  column.set_median(median);
  column.set_mean(is_constant ? *least : mean);
  column.set_deviation(is_constant ? 1 : std::sqrt(squares / count));
  column.set_has_missing_indicator(missing_ > 0);
  if (column.deviation() <= 0) column.set_deviation(1);  // underflow of tiny squares

  if (!may_be_id || numbers_.size() < kNumbersToJudgeMin) return "";
  const size_t distinct = CountDistinct(sorted);
  const bool hardly_repeats = distinct * 2 > numbers_.size();
  const bool never_repeats = distinct == numbers_.size() && numbers_.size() >= 100;
  if (never_repeats || (hardly_repeats && IsNamedLikeAnId(name))) {
    return "looks like a row id (whole numbers that hardly repeat); if it is one, drop it";
  }
  return "";
}

}  // namespace caviar::data
