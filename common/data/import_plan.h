// The first half of an import: everything that must be known before a tensor is written: labels,
// classes, split, fitted preprocessing, row counts, and what the user is told.
//
// Threads:     thread-safe (pure functions of files).
// Errors:      as ImportDataset.
// Determinism: a function of the files' contents and the settings.
#ifndef CAVIAR_COMMON_DATA_IMPORT_PLAN_H_
#define CAVIAR_COMMON_DATA_IMPORT_PLAN_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "caviar/v1/dataset.pb.h"
#include "common/data/import.h"
#include "common/data/preprocess.h"
#include "common/data/split.h"

namespace caviar::data {

struct ImportPlan {
  v1::Dataset dataset;                // all of it but name, digest and created_at
  std::vector<PartName> part_of_row;  // of the data file's rows with a label, in order
  std::string source_digest;          // of all files' contents, each in its role
};

absl::StatusOr<ImportPlan> PlanImport(const ImportFiles& files, const v1::ImportSettings& settings);

// The files' rows as the plan encodes them; rows without label are not counted by the plan.
absl::StatusOr<std::unique_ptr<RowReader>> OpenPlannedData(const ImportFiles& files,
                                                           const ImportPlan& plan);
absl::StatusOr<std::unique_ptr<RowReader>> OpenPlannedTest(const ImportFiles& files,
                                                           const ImportPlan& plan);

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_IMPORT_PLAN_H_
