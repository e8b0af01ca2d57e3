// Lines of LIBSVM's sparse format: `label index:value index:value …  # comment`, indices from 1 and
// rising. Blank lines and lines of comment alone are nothing.
//
// Threads: thread-safe (pure functions).
// Errors:  kInvalidArgument, without the place (callers add it).
#ifndef CAVIAR_COMMON_DATA_LIBSVM_BLOCK_H_
#define CAVIAR_COMMON_DATA_LIBSVM_BLOCK_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace caviar::data {

struct LibsvmRow {
  std::string label;  // a number's shortest text: "+1" and "1.0" are both "1"
  std::vector<std::pair<int64_t, double>> values;  // index from 0
};

// False for a line that holds no row.
absl::StatusOr<bool> ParseLibsvmLine(absl::string_view line, LibsvmRow* row);

// Whether a file that starts so is meant as LIBSVM: a number, then a number and a colon.
bool LooksLikeLibsvm(absl::string_view start);

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_LIBSVM_BLOCK_H_
