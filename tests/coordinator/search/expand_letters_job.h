// Job specs of one data set, as JSON, expanded; and what is refused in them.
#ifndef CAVIAR_TESTS_COORDINATOR_SEARCH_EXPAND_LETTERS_JOB_H_
#define CAVIAR_TESTS_COORDINATOR_SEARCH_EXPAND_LETTERS_JOB_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/search/expand_job.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {

inline v1::Dataset Letters() {
  v1::Dataset dataset;
  dataset.set_name("letters");
  dataset.mutable_train()->set_rows(14000);
  dataset.mutable_validation()->set_rows(3000);
  dataset.mutable_test()->set_rows(3000);
  return dataset;
}

// A valid spec with some of its fields replaced.
inline absl::StatusOr<ExpandedJob> Expand(absl::string_view json) {
  v1::JobSpec spec = SpecFromJson(json);
  if (spec.dataset().empty() && !spec.has_data()) spec.set_dataset("letters");
  return ExpandJob(spec, Letters(), 99);
}

inline std::string ProblemsOf(absl::string_view json) {
  const absl::StatusOr<ExpandedJob> job = Expand(json);
  EXPECT_FALSE(job.ok()) << std::string(json);
  if (!job.ok()) {
    EXPECT_EQ(job.status().code(), absl::StatusCode::kInvalidArgument);
  }
  return std::string(job.status().message());
}

}  // namespace caviar::search

#endif  // CAVIAR_TESTS_COORDINATOR_SEARCH_EXPAND_LETTERS_JOB_H_
