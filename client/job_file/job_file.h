// A job file: YAML or JSON, plus `--set` overrides, as the JobSpec that is submitted.
// docs/job-file.md is the reference for people.
//
// Threads: thread-safe.
// Errors:  kInvalidArgument with one line a problem, all of them at once, of form and of value:
//            letters.yaml:9: space.learning_rate.log[0]: must be a number, got "abc"
//            letters.yaml:9: space.momentum.log[0]: must be > 0
//            --set: budget.trails: unknown field; did you mean trials?
//          kNotFound, kPermissionDenied … for a file that cannot be read.
#ifndef CAVIAR_CLIENT_JOB_FILE_JOB_FILE_H_
#define CAVIAR_CLIENT_JOB_FILE_JOB_FILE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/job.pb.h"

namespace caviar::job_file {

struct JobFileOptions {
  // Names the file in messages.
  std::string source = "job file";
  // The paths of `data` that are relative start here; empty: they stay as they are.
  std::string folder;
  // "budget.trials=20" (override.h), applied in order, before anything is checked. Their paths
  // start where the person is, not at `folder`.
  std::vector<std::string> overrides;
  // Flags that win over file and overrides: called on the message before its values are judged.
  std::function<void(v1::JobSpec&)> amend;
  // Judges the values of the message: lines of "path: what", as the coordinator answers SubmitJob.
  // They are reported together with problems of form, except where the two are of one field.
  std::function<absl::Status(const v1::JobSpec&)> check;
};

// A file's text; "-" is standard input. kInvalidArgument if it is too long to be a job's.
absl::StatusOr<std::string> ReadText(const std::string& path);

absl::StatusOr<v1::JobSpec> ParseJobFile(absl::string_view text, const JobFileOptions& options);

// Reads the file at `path` ("-" is standard input; empty is an empty file); relative data paths
// start at its folder. `source` and `folder` of the options are not used.
absl::StatusOr<v1::JobSpec> ReadJobFile(const std::string& path, JobFileOptions options);

}  // namespace caviar::job_file

#endif  // CAVIAR_CLIENT_JOB_FILE_JOB_FILE_H_
