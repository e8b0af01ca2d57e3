// From label texts to class numbers.
//
// Threads:     thread-compatible.
// Errors:      kInvalidArgument, without the file's name (callers add it).
// Determinism: classes are ordered as numbers when all of them are numbers, else by their bytes;
//              the order of rows does not matter.
#ifndef CAVIAR_COMMON_DATA_LABELS_H_
#define CAVIAR_COMMON_DATA_LABELS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace caviar::data {

// The labels of a data file, row by row.
class LabelColumn {
 public:
  // kInvalidArgument when there are too many different ones to be classes, saying what they
  // look like instead (a continuous target: regression is not supported).
  absl::Status Add(absl::string_view label);

  // Orders the classes. Fails for no rows, one class, too many classes, and a continuous target.
  // Call once, after the last Add.
  absl::Status Finish();

  // After Finish:
  const std::vector<std::string>& classes() const { return classes_; }
  const std::vector<int32_t>& class_of_row() const { return class_of_row_; }
  std::vector<uint32_t> CountRows() const;

 private:
  absl::Status CheckClasses() const;

  absl::flat_hash_map<std::string, int32_t> code_of_label_;
  std::vector<std::string> classes_;  // before Finish by first appearance
  std::vector<int32_t> class_of_row_;
  std::vector<double> numbers_;  // of classes_; shorter when one of them is no number
};

// Finds classes by name: exactly, else without one trailing period where the name so shortened is a
// class (the UCI Adult test file writes ">50K." for ">50K").
class LabelIndex {
 public:
  explicit LabelIndex(const std::vector<std::string>& classes);
  std::optional<int32_t> Find(absl::string_view label, bool* dropped_period) const;

 private:
  absl::flat_hash_map<std::string, int32_t> class_of_label_;
};

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_LABELS_H_
