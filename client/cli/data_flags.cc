#include "client/cli/data_flags.h"

#include <CLI/CLI.hpp>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/flags/flag_values.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"

namespace caviar::cli {
namespace {

absl::Status ApplySplit(absl::string_view text, v1::ImportSettings& settings) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ',');
  double shares[3] = {};
  bool is_valid = parts.size() == 3;
  for (size_t i = 0; is_valid && i < 3; ++i) {
    is_valid = absl::SimpleAtod(parts[i], &shares[i]) && shares[i] >= 0 && shares[i] <= 1;
  }
  if (!is_valid) {
    return absl::InvalidArgumentError(
        absl::StrCat("--split: must be three shares (train, validation, test) such as "
                     "0.70,0.15,0.15, got \"",
                     text, "\""));
  }
  settings.set_train_fraction(shares[0]);
  settings.set_validation_fraction(shares[1]);
  settings.set_test_fraction(shares[2]);
  return absl::OkStatus();
}

}  // namespace

void AddDataFlags(CLI::App& command, DataFlags& flags) {
  command.add_option("--data", flags.data, "Data file: CSV, TSV, IDX, NPY or LIBSVM; gzip is fine")
      ->option_text("FILE");
  command
      .add_option("--target", flags.target,
                  "Column to predict: a name, a 0-based index without header, or name:11")
      ->option_text("COL");
  command.add_option("--labels", flags.labels, "IDX and NPY: the labels of --data")
      ->option_text("FILE");
  command.add_option("--test", flags.test, "A test part of its own")->option_text("FILE");
  command.add_option("--test-labels", flags.test_labels, "IDX and NPY: the labels of --test")
      ->option_text("FILE");
  command.add_option("--format", flags.format, "What the files are (default: by their content)")
      ->check(OneOf({"auto", "csv", "idx", "npy", "libsvm"}))
      ->option_text("auto|csv|idx|npy|libsvm");
  command.add_option("--header", flags.header, "Whether row 1 is a header (default: looked at)")
      ->check(OneOf({"detect", "yes", "no"}))
      ->option_text("yes|no");
  command.add_option("--categorical", flags.categorical, "Columns to read as categories")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("COLS");
  command.add_option("--drop", flags.drop, "Columns to leave out")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("COLS");
  command.add_option("--split", flags.split, "Shares of train, validation and test")
      ->option_text("A,B,C [0.70,0.15,0.15]");
  command.add_option("--split-seed", flags.split_seed, "Which rows go where")
      ->check(WholeNumber(0, std::numeric_limits<uint32_t>::max()))
      ->option_text("N [0]");
}

bool HasDataFlags(const DataFlags& flags) {
  return !flags.data.empty() || !flags.labels.empty() || !flags.test.empty() ||
         !flags.test_labels.empty() || flags.target.has_value() || !flags.format.empty() ||
         !flags.header.empty() || !flags.categorical.empty() || !flags.drop.empty() ||
         !flags.split.empty() || flags.split_seed.has_value();
}

absl::Status ApplyDataFlags(const DataFlags& flags, v1::DataSource& source) {
  v1::ImportSettings& settings = *source.mutable_settings();
  if (!flags.data.empty()) source.set_path(flags.data);
  if (!flags.labels.empty()) source.set_labels_path(flags.labels);
  if (!flags.test.empty()) source.set_test_path(flags.test);
  if (!flags.test_labels.empty()) source.set_test_labels_path(flags.test_labels);
  if (flags.target.has_value()) {
    source.set_target(*flags.target);
    settings.clear_target();
  }
  if (!flags.format.empty()) {
    v1::ImportSettings::Format format;
    CAVIAR_CHECK(v1::ImportSettings::Format_Parse(absl::AsciiStrToUpper(flags.format), &format));
    settings.set_format(format);
  }
  if (!flags.header.empty()) {
    v1::ImportSettings::Header header;
    CAVIAR_CHECK(v1::ImportSettings::Header_Parse(absl::AsciiStrToUpper(flags.header), &header));
    settings.set_header(header);
  }
  if (!flags.categorical.empty()) {
    settings.mutable_categorical()->Assign(flags.categorical.begin(), flags.categorical.end());
  }
  if (!flags.drop.empty()) settings.mutable_drop()->Assign(flags.drop.begin(), flags.drop.end());
  if (flags.split_seed.has_value()) settings.set_split_seed(*flags.split_seed);
  if (!flags.split.empty()) CAVIAR_RETURN_IF_ERROR(ApplySplit(flags.split, settings));
  return absl::OkStatus();
}

}  // namespace caviar::cli
