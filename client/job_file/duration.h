// Durations as people write them: 45s, 30m, 1h30m, 90d, 1.5h, 200ms.
//
// Threads: pure functions.
#ifndef CAVIAR_CLIENT_JOB_FILE_DURATION_H_
#define CAVIAR_CLIENT_JOB_FILE_DURATION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace caviar::job_file {

// One or more numbers with a unit (d, h, m, s, ms), added up; never negative, at most 10,000 years
// (what google.protobuf.Duration holds).
// kInvalidArgument: `must be a duration such as 45s, 30m or 1h30m, got "30"`.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text);

// The same notation, with units that are zero left out: "1h30m", "0s", "90d".
std::string WriteDuration(absl::Duration duration);

}  // namespace caviar::job_file

#endif  // CAVIAR_CLIENT_JOB_FILE_DURATION_H_
