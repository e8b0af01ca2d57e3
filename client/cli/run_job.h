// `caviar run`: a whole search on this machine. Starts a coordinator and workers as processes,
// imports the data, submits the job, follows it, prints the leaderboard, keeps the best model and
// stops everything. Ctrl-C stops cleanly; `resume` goes on from the directory.
//
// Threads: call from the main thread, once.
#ifndef CAVIAR_CLIENT_CLI_RUN_JOB_H_
#define CAVIAR_CLIENT_CLI_RUN_JOB_H_

#include <string>

#include "absl/status/statusor.h"
#include "caviar/v1/job.pb.h"
#include "client/cli/console.h"

namespace caviar::cli {

struct RunRequest {
  v1::JobSpec spec;
  // Go on with what is in `directory`; `spec` is not used.
  bool resume = false;
  // Empty: a new one under caviar-runs/, named after the job; it goes again if no job is submitted.
  std::string directory;
  int workers = 1;
  // Where the best model goes; empty: best-model.safetensors in the directory.
  std::string model_path;
  OutputFormat format = OutputFormat::kTable;
  // Where the service programs are; empty: beside this one, else on PATH.
  std::string programs;
};

// The exit code.
absl::StatusOr<int> RunJob(const RunRequest& request, Console& console);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_RUN_JOB_H_
