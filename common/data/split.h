// Deals rows into training, validation and test part, class by class (stratified).
//
// Each class is shuffled by its own seed and dealt so that every part gets its share of the class
// to within one row, and its share of the whole too (roundings carry over from class to class). A
// class with at least three rows is in every part that has a share, which may be more than its
// share; one with fewer goes to training.
//
// Threads:     thread-safe (pure functions).
// Errors:      kInvalidArgument for shares out of range or a validation part without rows.
// Determinism: a function of the labels, the shares and the seed.
#ifndef CAVIAR_COMMON_DATA_SPLIT_H_
#define CAVIAR_COMMON_DATA_SPLIT_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "caviar/v1/dataset.pb.h"

namespace caviar::data {

enum class PartName : uint8_t { kTrain = 0, kValidation = 1, kTest = 2 };
inline constexpr const char* kPartNames[] = {"train", "validation", "test"};

struct SplitShares {
  double train = 0.70;
  double validation = 0.15;
  double test = 0.15;
};

// From the settings, with the defaults for what is absent as a whole.
absl::StatusOr<SplitShares> SharesFromSettings(const v1::ImportSettings& settings,
                                               bool has_test_file);

// One entry a row. Requires: labels are in [0, classes).
absl::StatusOr<std::vector<PartName>> SplitRows(std::span<const int32_t> labels, int classes,
                                                const SplitShares& shares, uint64_t seed);

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_SPLIT_H_
