#include "client/cli/results.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "client/cli/exit_code.h"
#include "client/cli/job_sentence.h"
#include "client/cli/tables.h"
#include "common/text/printable.h"

namespace caviar::cli {

namespace {

// What --top left out; "" when nothing.
std::string CutNote(const v1::Leaderboard& leaderboard, bool is_filtered) {
  if (leaderboard.next_page_token().empty()) return "";
  const uint32_t all = leaderboard.job().trials().created();
  const std::string shown =
      is_filtered ? absl::StrCat("the first ", leaderboard.entries_size(), " trials that match")
                  : absl::StrCat(leaderboard.entries_size(), " of ", all, " trials");
  return absl::StrCat("(", shown, "; --top ", all, " shows all)\n");
}

}  // namespace

void PrintLeaderboard(Console& console, OutputFormat format, const v1::Leaderboard& leaderboard,
                      bool is_filtered) {
  const bool is_table = format == OutputFormat::kTable;
  if (is_table) console.out << Printable(JobSentence(leaderboard.job())) << "\n\n";
  Table table = LeaderboardTable(leaderboard, !is_table);
  if (is_filtered) table.if_empty = kNoMatch;
  Print(console, format, leaderboard, table);
  if (is_table) console.out << CutNote(leaderboard, is_filtered);
  if (is_table && leaderboard.has_test()) {
    console.out << "\nbest model (trial " << leaderboard.job().best_trial()
                << ") on the test part: accuracy " << ShortNumber(leaderboard.test().accuracy())
                << ", loss " << ShortNumber(leaderboard.test().loss()) << "\n";
  }
  console.out.flush();
}

void PrintImportance(Console& console, OutputFormat format, const v1::Importance& importance) {
  const bool is_table = format == OutputFormat::kTable;
  const bool is_fanova = importance.method() == v1::GetImportanceRequest::FANOVA;
  if (is_table) {
    console.out << (is_fanova ? "fANOVA" : "PED-ANOVA") << " over "
                << Counted(importance.trials(), "completed trial") << " of job " << importance.job()
                << "\n\n";
  }
  Print(console, format, importance, ImportanceTable(importance));
  if (is_table && importance.has_explained()) {
    console.out << "\nsingle parameters explain " << std::lround(importance.explained() * 100)
                << " % of the variance; the rest is several together, and noise\n";
  }
  console.out.flush();
}

int JobExitCode(const v1::Job& job, std::ostream& err) {
  if (job.state() == v1::Job::COMPLETED) return kDone;
  err << "caviar: " << Printable(BadEndSentence(job)) << "\n";
  return kJobFailed;
}

}  // namespace caviar::cli
