// How a job's end is told, the same by `run`, `watch` and `leaderboard`.
#ifndef CAVIAR_CLIENT_CLI_RESULTS_H_
#define CAVIAR_CLIENT_CLI_RESULTS_H_

#include <ostream>

#include "caviar/v1/search_service.pb.h"
#include "client/cli/console.h"

namespace caviar::cli {

// For people: the job in a sentence, the table, the best model's test result. JSON is the message.
void PrintLeaderboard(Console& console, OutputFormat format, const v1::Leaderboard& leaderboard);

// The exit code of a job that has ended; says on `err` why it is not 0.
int JobExitCode(const v1::Job& job, std::ostream& err);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_RESULTS_H_
