#include "client/cli/results.h"

#include "absl/strings/str_cat.h"
#include "client/cli/exit_code.h"
#include "client/cli/printable.h"
#include "client/cli/progress.h"
#include "client/cli/tables.h"

namespace caviar::cli {

void PrintLeaderboard(Console& console, OutputFormat format, const v1::Leaderboard& leaderboard) {
  const bool is_table = format == OutputFormat::kTable;
  if (is_table) console.out << Printable(JobSentence(leaderboard.job())) << "\n\n";
  Print(console, format, leaderboard, LeaderboardTable(leaderboard, !is_table));
  if (is_table && leaderboard.has_test()) {
    console.out << "\nbest model on the test part: accuracy "
                << ShortNumber(leaderboard.test().accuracy()) << ", loss "
                << ShortNumber(leaderboard.test().loss()) << "\n";
  }
  console.out.flush();
}

int JobExitCode(const v1::Job& job, std::ostream& err) {
  if (job.state() == v1::Job::COMPLETED) return kDone;
  err << "caviar: "
      << Printable(absl::StrCat("job ", job.id(), " (", job.name(), ") ",
                                job.state() == v1::Job::CANCELLED ? "was " : "",
                                StateWord(job.state()),
                                job.reason().empty() ? "" : absl::StrCat(": ", job.reason())))
      << "\n";
  return kJobFailed;
}

}  // namespace caviar::cli
