// caviar repeat | retest | rerun | replay
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/job_sentence.h"
#include "client/cli/progress_display.h"
#include "client/cli/rerun_page.h"
#include "client/cli/results.h"
#include "common/flags/flag_values.h"
#include "common/status/status_macros.h"
#include "common/text/printable.h"

namespace caviar::cli {
namespace {

struct RerunFlags {
  v1::RerunJobRequest request;
  bool is_detached = false;
};

absl::StatusOr<int> ShowRerun(SearchClient& client, const std::string& job,
                              CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(const v1::Rerun rerun, client.GetRerun(job));
  PrintRerun(context.console, FormatOf(context), rerun);
  return kDone;
}

// Starts it, follows it to its end and prints what came of it.
absl::StatusOr<int> Rerun(const RerunFlags& flags, CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  Console& console = context.console;
  CAVIAR_ASSIGN_OR_RETURN(const v1::Job started, client->RerunJob(flags.request));
  const std::string id = absl::StrCat(started.id());
  for (const std::string& warning : started.warnings()) {
    console.err << "warning: " << Printable(warning) << "\n";
  }
  if (flags.is_detached) return ShowRerun(*client, id, context);
  // The answer alone goes to standard output where a program reads it.
  const bool is_table = FormatOf(context) == OutputFormat::kTable;
  console.err << Printable(absl::StrCat(JobLabel(started), " ", OriginText(started.origin()),
                                        "; caviar rerun ", id, " shows it again"))
              << "\n";
  ProgressDisplay display(is_table ? console.out : console.err, is_table ? console.width : 0);
  CAVIAR_ASSIGN_OR_RETURN(const v1::Job ended, FollowJob(*client, id, display, &console.err));
  display.EraseBar();
  CAVIAR_RETURN_IF_ERROR(ShowRerun(*client, id, context).status());
  return JobExitCode(ended, console.err);
}

CLI::App* AddRerun(CLI::App& app, CommandContext& context, const std::string& name,
                   const std::string& description, const std::string& example,
                   v1::Origin::Kind kind, const std::string& top, const std::string& seeds) {
  CLI::App* command = AddCommand(app, name, description, example);
  const auto flags = std::make_shared<RerunFlags>();
  flags->request.set_kind(kind);
  AddJobArgument(*command, *flags->request.mutable_job());
  const auto add_count = [command](const char* flag, const char* text, const std::string& otherwise,
                                   std::function<void(int)> set) {
    command->add_option_function<int>(flag, std::move(set), text)
        ->check(WholeNumber(1, 100))
        ->option_text(absl::StrCat("N [", otherwise, "]"));
  };
  add_count("--top", "How many of the job's best points", top,
            [flags](int count) { flags->request.set_top(count); });
  add_count("--seeds", "Trials a point", seeds,
            [flags](int count) { flags->request.set_seeds(count); });
  if (kind == v1::Origin::RETEST) {
    command
        ->add_option("--dataset", *flags->request.mutable_dataset(),
                     "Train on this data set [what is now the one of the job's name]")
        ->option_text("NAME");
  }
  command->add_flag("--detach", flags->is_detached, "Do not wait for its end");
  AddServerFlag(*command, context);
  AddOutputFlag(*command, context);
  command->callback(
      [flags, &context] { context.action = [flags, &context] { return Rerun(*flags, context); }; });
  return command;
}

void AddShowRerun(CLI::App& app, CommandContext& context) {
  AddJobCommand(app, context, "rerun", "What came of a repeat or a retest, also meanwhile",
                "caviar rerun letters-repeat",
                [&context](SearchClient& client, const std::string& job) {
                  return ShowRerun(client, job, context);
                });
}

absl::StatusOr<int> Replay(SearchClient& client, const std::string& job, CommandContext& context) {
  Console& console = context.console;
  CAVIAR_ASSIGN_OR_RETURN(const v1::Replay replay, client.ReplayJob(job));
  if (FormatOf(context) != OutputFormat::kTable) {
    Table table;
    table.columns = {{"job", true}, {"points", true}, {"decisions", true}, {"difference"}};
    table.rows.push_back({CountCell(replay.job()), CountCell(replay.points()),
                          CountCell(replay.decisions()), TextCell(replay.difference())});
    Print(console, FormatOf(context), replay, table);
  } else if (replay.difference().empty()) {
    console.out << ReplaySentence(replay) << "\n";
  }
  if (replay.difference().empty()) return kDone;
  console.err << "caviar: " << Printable(ReplaySentence(replay)) << "\n";
  return kJobFailed;
}

void AddReplay(CLI::App& app, CommandContext& context) {
  AddJobCommand(app, context, "replay",
                "Derive all points and decisions of a job again, and compare",
                "caviar replay letters", [&context](SearchClient& client, const std::string& job) {
                  return Replay(client, job, context);
                });
}

}  // namespace

void AddRerunCommands(CLI::App& app, CommandContext& context) {
  AddRerun(app, context, "repeat",
           "Train a job's best points with other seeds: is the best better?",
           "caviar repeat letters --top 5 --seeds 10", v1::Origin::REPEAT, "5", "10");
  AddRerun(app, context, "retest", "Train a job's best points on another version of the data",
           "caviar retest letters --dataset letters-2027", v1::Origin::RETEST, "10", "1");
  AddShowRerun(app, context);
  AddReplay(app, context);
}

}  // namespace caviar::cli
