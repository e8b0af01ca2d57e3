#include "client/cli/job_sentence.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/number_text.h"
#include "client/cli/progress.h"

namespace caviar::cli {
namespace {

// "cancelled by a user" says the state by itself.
bool ReasonSaysState(const v1::Job& job) {
  return absl::StartsWith(job.reason(), absl::StrCat(StateWord(job.state()), " "));
}

}  // namespace

std::string JobLabel(const v1::Job& job) {
  return absl::StrCat("job ", job.id(), " (", job.name(), ")");
}

std::string JobSentence(const v1::Job& job) {
  const bool is_said = ReasonSaysState(job);
  std::string text = absl::StrCat(
      JobLabel(job), ": ", is_said ? job.reason() : StateWord(job.state()), ", ",
      DoneTrials(job.trials()), " of ", Counted(job.spec().budget().trials(), "trial"));
  if (job.has_best_value()) {
    absl::StrAppend(&text, ", best ", job.spec().objective().metric(), " ",
                    ShortNumber(job.best_value()), " (trial ", job.best_trial(), ")");
  }
  if (!is_said && !job.reason().empty()) absl::StrAppend(&text, "; ", job.reason());
  return text;
}

std::string BadEndSentence(const v1::Job& job) {
  const bool is_said = ReasonSaysState(job);
  return absl::StrCat(JobLabel(job), job.state() == v1::Job::CANCELLED ? " was " : " ",
                      is_said ? job.reason() : StateWord(job.state()),
                      is_said || job.reason().empty() ? "" : absl::StrCat(": ", job.reason()));
}

std::string AlreadyEndedSentence(const v1::Job& job) {
  return absl::StrCat(JobLabel(job), " had already ",
                      job.state() == v1::Job::CANCELLED ? "been " : "", StateWord(job.state()));
}

}  // namespace caviar::cli
