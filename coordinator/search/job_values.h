// What a hyperparameter can be in a job: its fixed value, its domain's, or else the default.
//
// Threads: pure.
#ifndef CAVIAR_COORDINATOR_SEARCH_JOB_VALUES_H_
#define CAVIAR_COORDINATOR_SEARCH_JOB_VALUES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "caviar/v1/job.pb.h"
#include "google/protobuf/struct.pb.h"

namespace caviar::search {

// Where a job says something about a hyperparameter: "space.NAME", "fixed.NAME", or "NAME" alone
// for a default.
std::string PathOf(const v1::JobSpec& spec, absl::string_view name);

// Whether some trial may have `name` = `value`. Where `reader` is in the space and depends on
// `name`, only trials in which `reader` is active count. Requires: the space's domains are valid.
bool CanBe(const v1::JobSpec& spec, absl::string_view name, const google::protobuf::Value& value,
           absl::string_view reader = "");

// The same for a word: "adam", "true", "false".
bool CanBeWord(const v1::JobSpec& spec, absl::string_view name, absl::string_view word,
               absl::string_view reader = "");

// The least and largest number that `name` can be. Requires: `name` is a number.
struct NumberRange {
  double min = 0;
  double max = 0;
};
NumberRange NumbersOf(const v1::JobSpec& spec, absl::string_view name);

// The ends of a numeric domain, or of a list's numbers.
NumberRange NumbersOf(const v1::Domain& domain);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_JOB_VALUES_H_
