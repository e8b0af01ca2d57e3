#include "common/data/split.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/random/rng.h"

namespace caviar::data {
namespace {

// A class with fewer rows cannot be in all three parts.
constexpr int64_t kRowsToSplitMin = 3;

// `owed` carries what rounding took or gave, and no more: the row that a tiny class must give would
// otherwise be taken back from the classes after it, without bound.
int64_t Deal(double share, double& owed, int64_t rows, int64_t rows_max) {
  if (share <= 0) return 0;
  const double wanted = owed + share * static_cast<double>(rows);
  const int64_t dealt = std::clamp<int64_t>(std::llround(wanted), 1, rows_max);
  owed = std::clamp(wanted - static_cast<double>(dealt), -0.5, 0.5);
  return dealt;
}

}  // namespace

absl::StatusOr<SplitShares> SharesFromSettings(const v1::ImportSettings& settings,
                                               bool has_test_file) {
  SplitShares shares;
  const int given = settings.has_train_fraction() + settings.has_validation_fraction() +
                    settings.has_test_fraction();
  if (given != 0 && given != 3) {
    return absl::InvalidArgumentError(
        "split: give all three shares (training, validation, test) or none");
  }
  if (given == 3) {
    shares = {settings.train_fraction(), settings.validation_fraction(), settings.test_fraction()};
  }
  const double sum = shares.train + shares.validation + shares.test;
  // Written so that NaN fails too.
  if (!(shares.train > 0 && shares.validation > 0 && shares.test >= 0 &&
        std::abs(sum - 1) < 1e-6)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "split: the shares ", shares.train, ", ", shares.validation, ", ", shares.test,
        " must be above 0 (the test share may be 0) and sum to 1, as in 0.70,0.15,0.15"));
  }
  if (has_test_file) shares = {1 - shares.validation, shares.validation, 0};
  return shares;
}

absl::StatusOr<std::vector<PartName>> SplitRows(std::span<const int32_t> labels, int classes,
                                                const SplitShares& shares, uint64_t seed) {
  std::vector<std::vector<uint32_t>> rows_of_class(static_cast<size_t>(classes));
  for (size_t row = 0; row < labels.size(); ++row) {
    rows_of_class[labels[row]].push_back(static_cast<uint32_t>(row));
  }
  const uint64_t split_seed = DeriveSeed(seed, "split");
  std::vector<PartName> parts(labels.size(), PartName::kTrain);
  double owed_validation = 0;
  double owed_test = 0;
  int64_t validation_rows = 0;
  for (int c = 0; c < classes; ++c) {
    std::vector<uint32_t>& rows = rows_of_class[c];
    const auto count = static_cast<int64_t>(rows.size());
    if (count < kRowsToSplitMin) continue;
    Rng rng(DeriveSeed(split_seed, static_cast<uint64_t>(c)));
    rng.Shuffle(std::span<uint32_t>(rows));
    // Two rows are kept back for the other two parts.
    const int64_t validation = Deal(shares.validation, owed_validation, count, count - 2);
    const int64_t test = Deal(shares.test, owed_test, count, count - validation - 1);
    for (int64_t i = 0; i < validation; ++i) parts[rows[i]] = PartName::kValidation;
    for (int64_t i = validation; i < validation + test; ++i) parts[rows[i]] = PartName::kTest;
    validation_rows += validation;
  }
  if (validation_rows == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("too few rows: none of the ", classes, " classes has the ", kRowsToSplitMin,
                     " rows that are needed to set some aside for validation (", labels.size(),
                     " rows in all)"));
  }
  return parts;
}

}  // namespace caviar::data
