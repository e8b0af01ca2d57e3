// What an importer does for one kind of file: look through it for labels and types, then fit the
// preprocessing on the training rows. How rows become features afterwards is RowReader's, the same
// for every kind and for predictions.
//
// Threads:     thread-compatible.
// Errors:      kInvalidArgument naming file, line, column and value.
// Determinism: a function of the files' bytes and the settings.
#ifndef CAVIAR_COMMON_DATA_IMPORT_SOURCE_H_
#define CAVIAR_COMMON_DATA_IMPORT_SOURCE_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "caviar/v1/dataset.pb.h"
#include "common/data/byte_source.h"
#include "common/data/labels.h"
#include "common/data/split.h"

namespace caviar::data {

// What the user is told, one sentence each.
struct ImportReport {
  std::vector<std::string> decisions;
  std::vector<std::string> warnings;
};

class ImportSource {
 public:
  virtual ~ImportSource() = default;

  // Reads the file once: the label of every row that has one, in order, and whatever Fit needs.
  // The caller calls labels.Finish.
  virtual absl::Status Scan(LabelColumn& labels, ImportReport& report) = 0;

  // Reads the file again and fills all of `preprocessing` except the classes.
  // `part_of_row` has one entry a row with label; only training rows are looked at.
  virtual absl::Status Fit(std::span<const PartName> part_of_row, v1::Preprocessing& preprocessing,
                           ImportReport& report) = 0;
};

absl::StatusOr<std::unique_ptr<ImportSource>> OpenCsvImport(const InputFile& data,
                                                            const v1::ImportSettings& settings,
                                                            ImportReport& report);

// IDX and NPY (with a labels file) and LIBSVM.
absl::StatusOr<std::unique_ptr<ImportSource>> OpenBlockImport(const InputFile& data,
                                                              const InputFile& labels,
                                                              v1::ImportSettings::Format format,
                                                              ImportReport& report);

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_IMPORT_SOURCE_H_
