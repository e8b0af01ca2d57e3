// Collects what is wrong with a job file, each with its line and path, so that a person mends all
// of it at once.
//
// Threads: one owner.
#ifndef CAVIAR_CLIENT_JOB_FILE_PROBLEMS_H_
#define CAVIAR_CLIENT_JOB_FILE_PROBLEMS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace caviar::job_file {

class Problems {
 public:
  // `source` names the file in messages.
  explicit Problems(std::string source) : source_(std::move(source)) {}

  // `line` from 1, or 0 for what came from --set. `path` as in space.learning_rate.log[0]; empty
  // for the file as a whole.
  void Add(int line, absl::string_view path, absl::string_view what);

  bool empty() const { return lines_.empty(); }

  // Whether a problem was found at `path`, within it, or around it.
  bool Concerns(absl::string_view path) const;

  // kInvalidArgument with one line a problem, in the order they were found:
  //   letters.yaml:9: space.learning_rate.log[0]: must be a number, got "abc"
  // OK if there are none.
  absl::Status ToStatus() const;

 private:
  std::string source_;
  std::vector<std::string> lines_;
  std::vector<std::string> paths_;  // one for each of lines_
};

}  // namespace caviar::job_file

#endif  // CAVIAR_CLIENT_JOB_FILE_PROBLEMS_H_
