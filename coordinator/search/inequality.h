// The text of a linear inequality, taken apart: sum of factor * name <= bound. Says nothing yet of
// what the names are (constraint.h, which has the grammar).
//
// Threads:     pure.
// Errors:      kInvalidArgument, with the character at which it cannot go on, from 1.
#ifndef CAVIAR_COORDINATOR_SEARCH_INEQUALITY_H_
#define CAVIAR_COORDINATOR_SEARCH_INEQUALITY_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace caviar::search {

struct Inequality {
  // Names of both sides together; a factor may have come out as 0.
  std::map<std::string, double> factors;
  double bound = 0;
  // < instead of <=.
  bool is_strict = false;
};

absl::StatusOr<Inequality> ParseInequality(absl::string_view text);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_INEQUALITY_H_
