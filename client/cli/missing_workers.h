// Why a job that could run does not: nobody is there to train it.
//
// Threads: pure functions.
#ifndef CAVIAR_CLIENT_CLI_MISSING_WORKERS_H_
#define CAVIAR_CLIENT_CLI_MISSING_WORKERS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "caviar/v1/search_service.pb.h"

namespace caviar::cli {

// The job wants workers and has none.
bool MayLackWorkers(const v1::Job& job);

// "waiting: no worker is connected; start one with caviar-worker --coordinator ADDRESS"; "" where
// one is.
std::string MissingWorkersText(const v1::ListWorkersResponse& workers, absl::string_view address);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_MISSING_WORKERS_H_
