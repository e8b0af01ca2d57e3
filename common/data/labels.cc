#include "common/data/labels.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/data/cell.h"
#include "common/data/limits.h"
#include "common/status/status_macros.h"
#include "common/text/number_text.h"

namespace caviar::data {
namespace {

absl::Status Regression(size_t values, size_t rows, absl::string_view example) {
  return absl::InvalidArgumentError(absl::StrCat(
      "the target takes ", values, " different numbers in ", rows, " rows (such as ", example,
      "), so it looks continuous: regression is not supported, only classes. Choose another target "
      "column, or put its values into classes first"));
}

}  // namespace

absl::Status LabelColumn::Add(absl::string_view label) {
  auto found = code_of_label_.find(label);
  if (found == code_of_label_.end()) {
    if (!IsUtf8(label)) {
      return absl::InvalidArgumentError(
          absl::StrCat("the label ", Quoted(label), " is not UTF-8; convert the file to UTF-8"));
    }
    if (static_cast<int64_t>(classes_.size()) == kDistinctLabelsMax) {
      if (numbers_.size() == classes_.size()) {
        return Regression(classes_.size(), class_of_row_.size(), classes_.back());
      }
      return absl::InvalidArgumentError(
          absl::StrCat("the target has more than ", kDistinctLabelsMax,
                       " different values (such as ", Quoted(label), "); is it the right column?"));
    }
    double number = 0;
    if (numbers_.size() == classes_.size() && ParseCell(label, &number) == CellKind::kNumber) {
      numbers_.push_back(number);
    }
    found = code_of_label_.emplace(label, static_cast<int32_t>(classes_.size())).first;
    classes_.emplace_back(label);
  }
  class_of_row_.push_back(found->second);
  return absl::OkStatus();
}

absl::Status LabelColumn::CheckClasses() const {
  const size_t rows = class_of_row_.size();
  const size_t count = classes_.size();
  if (rows == 0) return absl::InvalidArgumentError("there are no rows with a target");
  if (count == 1) {
    return absl::InvalidArgumentError(absl::StrCat("all ", rows, " rows have the same target ",
                                                   Quoted(classes_[0]),
                                                   "; at least two classes are needed"));
  }
  if (numbers_.size() == count) {
    const auto fraction =
        std::find_if(numbers_.begin(), numbers_.end(), [](double n) { return n != std::floor(n); });
    // A few values with fractions may be grades (1.5, 2.0 ...); many, or values that hardly repeat,
    // are measurements. Whole numbers may be many classes as long as they repeat.
    const bool is_continuous = fraction != numbers_.end()
                                   ? count > 2 && (count > 20 || count * 2 > rows)
                                   : count > 50 && count * 5 > rows;
    if (is_continuous) {
      const double example = fraction != numbers_.end() ? *fraction : numbers_.back();
      return Regression(count, rows, NumberText(example));
    }
  }
  if (static_cast<int64_t>(count) > kClassesMax) {
    return absl::InvalidArgumentError(absl::StrCat("the target has ", count, " classes; at most ",
                                                   kClassesMax,
                                                   " are supported. Is it the right column?"));
  }
  return absl::OkStatus();
}

absl::Status LabelColumn::Finish() {
  CAVIAR_RETURN_IF_ERROR(CheckClasses());
  std::vector<int32_t> order(classes_.size());
  std::iota(order.begin(), order.end(), 0);
  const bool are_numbers = numbers_.size() == classes_.size();
  std::sort(order.begin(), order.end(), [this, are_numbers](int32_t a, int32_t b) {
    if (are_numbers && numbers_[a] != numbers_[b]) return numbers_[a] < numbers_[b];
    return classes_[a] < classes_[b];
  });
  std::vector<std::string> sorted;
  std::vector<int32_t> class_of_code(classes_.size());
  for (const int32_t code : order) {
    class_of_code[code] = static_cast<int32_t>(sorted.size());
    sorted.push_back(std::move(classes_[code]));
  }
  classes_ = std::move(sorted);
  for (int32_t& code : class_of_row_) code = class_of_code[code];
  return absl::OkStatus();
}

std::vector<uint32_t> LabelColumn::CountRows() const {
  std::vector<uint32_t> rows(classes_.size());
  for (const int32_t label : class_of_row_) ++rows[label];
  return rows;
}

LabelIndex::LabelIndex(const std::vector<std::string>& classes) {
  for (size_t i = 0; i < classes.size(); ++i) {
    class_of_label_.emplace(classes[i], static_cast<int32_t>(i));
  }
}

std::optional<int32_t> LabelIndex::Find(absl::string_view label, bool* dropped_period) const {
  *dropped_period = false;
  auto found = class_of_label_.find(label);
  if (found == class_of_label_.end() && absl::EndsWith(label, ".")) {
    found = class_of_label_.find(label.substr(0, label.size() - 1));
    *dropped_period = found != class_of_label_.end();
  }
  if (found == class_of_label_.end()) return std::nullopt;
  return found->second;
}

}  // namespace caviar::data
