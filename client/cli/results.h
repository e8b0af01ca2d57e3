// How a job's end is told, the same by `run`, `watch` and `leaderboard`.
#ifndef CAVIAR_CLIENT_CLI_RESULTS_H_
#define CAVIAR_CLIENT_CLI_RESULTS_H_

#include <ostream>

#include "caviar/v1/search_service.pb.h"
#include "client/cli/console.h"

namespace caviar::cli {

// Instead of a table that a filter left without rows.
inline constexpr char kNoMatch[] = "no trial matches the filter";

// For people: the job in a sentence, the table, what the table leaves out, the best model's test
// result. JSON is the message. `is_filtered`: the entries are those that a filter let through.
void PrintLeaderboard(Console& console, OutputFormat format, const v1::Leaderboard& leaderboard,
                      bool is_filtered);

// For people: the method in a sentence, the table, and what single parameters explain where the
// method knows.
void PrintImportance(Console& console, OutputFormat format, const v1::Importance& importance);

// The exit code of a job that has ended; says on `err` why it is not 0.
int JobExitCode(const v1::Job& job, std::ostream& err);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_RESULTS_H_
