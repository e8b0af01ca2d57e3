// Collects what is wrong with a job, each with its path, so that a person mends all of it at once.
//
// Threads: one owner.
#ifndef CAVIAR_COORDINATOR_SEARCH_PROBLEMS_H_
#define CAVIAR_COORDINATOR_SEARCH_PROBLEMS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace caviar::search {

class Problems {
 public:
  // `path` as in a job file: space.learning_rate.log.min.
  void Add(absl::string_view path, absl::string_view what) {
    lines_.push_back(absl::StrCat(path, ": ", what));
  }

  // Takes over the lines of a status made by ToStatus(); nothing if it is OK.
  void Add(const absl::Status& status) {
    if (!status.ok()) lines_.emplace_back(status.message());
  }

  bool empty() const { return lines_.empty(); }

  // kInvalidArgument with one line a problem, in the order they were found; OK if there are none.
  absl::Status ToStatus() const {
    if (lines_.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrJoin(lines_, "\n"));
  }

 private:
  std::vector<std::string> lines_;
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_PROBLEMS_H_
