// What a data set is called: as the user says, else after the file.
//
// Threads: thread-safe (pure functions).
// Errors:  kInvalidArgument saying what a name may be.
#ifndef CAVIAR_COORDINATOR_DATASETS_DATASET_NAME_H_
#define CAVIAR_COORDINATOR_DATASETS_DATASET_NAME_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace caviar::datasets {

// `wanted` if it is [A-Za-z0-9._-]{1,128} and neither "." nor ".."; when it is empty, `file_name`
// without .gz and one ending like .csv, other characters as "-".
absl::StatusOr<std::string> DatasetName(absl::string_view wanted, absl::string_view file_name);

// A file name that came over the wire, for messages: the last path component, at most 128 bytes of
// printable UTF-8, other characters as "_"; `fallback` when nothing is left.
std::string DisplayName(absl::string_view file_name, absl::string_view fallback);

}  // namespace caviar::datasets

#endif  // CAVIAR_COORDINATOR_DATASETS_DATASET_NAME_H_
