// caviar watch | leaderboard | trials | curve | importance | workers
#include <limits>

#include "client/cli/command.h"
#include "client/cli/job_sentence.h"
#include "client/cli/json.h"
#include "client/cli/progress_display.h"
#include "client/cli/results.h"
#include "client/cli/tables.h"
#include "common/flags/flag_values.h"
#include "common/status/status_macros.h"
#include "common/text/printable.h"

namespace caviar::cli {
namespace {

struct QueryFlags {
  std::string job, filter, order_by;
  int top = 20;
  uint32_t trial = 0;
  std::string cursor;
};

void AddQueryFlags(CLI::App& command, QueryFlags& flags) {
  command
      .add_option("--filter", flags.filter,
                  "Comparisons joined by AND: 'state = COMPLETED AND dropout < 0.2'")
      ->option_text("E");
  command
      .add_option("--order-by", flags.order_by,
                  "A metric, parameter, value, epochs, seconds …; 'seconds desc' falls")
      ->option_text("F");
}

std::function<void(SearchClient::Link)> TellOfLink(const SearchClient& client, std::ostream& err) {
  return [&client, &err](SearchClient::Link link) {
    err << Printable(LinkText(link, client.address())) << "\n" << std::flush;
  };
}

// One line a change, as it becomes known.
absl::StatusOr<int> WatchJson(const QueryFlags& flags, CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  std::ostream& out = context.console.out;
  v1::WatchJobRequest request;
  request.set_job(flags.job);
  request.set_cursor(flags.cursor);
  request.set_measurements(true);
  const auto print = [&out](const v1::JobUpdate& update) {
    out << ToJsonLine(update) << std::flush;
    return out.good() ? absl::OkStatus() : absl::UnknownError("cannot write to stdout");
  };
  CAVIAR_RETURN_IF_ERROR(
      client->WatchJob(request, print, TellOfLink(*client, context.console.err)));
  CAVIAR_ASSIGN_OR_RETURN(const v1::Job job, client->GetJob(flags.job));
  return JobExitCode(job, context.console.err);
}

// A row each time a trial changes.
absl::StatusOr<int> WatchCsv(const QueryFlags& flags, CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  std::ostream& out = context.console.out;
  v1::WatchJobRequest request;
  request.set_job(flags.job);
  request.set_cursor(flags.cursor);
  bool has_heading = false;
  const auto print = [&out, &has_heading](const v1::JobUpdate& update) {
    if (!update.has_trial()) return absl::OkStatus();
    // Without points and metrics: their names, and so the columns, could change between rows.
    v1::ListTrialsResponse row;
    *row.add_trials() = update.trial();
    row.mutable_trials(0)->clear_point();
    const std::string csv = RenderCsv(TrialsTable(row, false));
    out << (has_heading ? csv.substr(csv.find('\n') + 1) : csv) << std::flush;
    has_heading = true;
    return out.good() ? absl::OkStatus() : absl::UnknownError("cannot write to stdout");
  };
  CAVIAR_RETURN_IF_ERROR(
      client->WatchJob(request, print, TellOfLink(*client, context.console.err)));
  CAVIAR_ASSIGN_OR_RETURN(const v1::Job job, client->GetJob(flags.job));
  return JobExitCode(job, context.console.err);
}

absl::StatusOr<int> Watch(const QueryFlags& flags, CommandContext& context) {
  if (FormatOf(context) == OutputFormat::kJson) return WatchJson(flags, context);
  if (FormatOf(context) == OutputFormat::kCsv) return WatchCsv(flags, context);
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  Console& console = context.console;
  ProgressDisplay display(console.out, console.width);
  CAVIAR_ASSIGN_OR_RETURN(const v1::Job job, FollowJob(*client, flags.job, display, &console.err));
  // Another end is told as an error, and once is enough.
  if (job.state() == v1::Job::COMPLETED) console.out << Printable(JobSentence(job)) << "\n";
  return JobExitCode(job, console.err);
}

void AddWatch(CLI::App& app, CommandContext& context) {
  CLI::App* command =
      AddCommand(app, "watch", "Follow a job until it ends", "caviar watch letters --output json");
  const auto flags = std::make_shared<QueryFlags>();
  AddJobArgument(*command, flags->job);
  command
      ->add_option("--cursor", flags->cursor,
                   "json and csv: go on after the update that had this cursor")
      ->option_text("C");
  AddServerFlag(*command, context);
  AddOutputFlag(*command, context);
  command->callback(
      [flags, &context] { context.action = [flags, &context] { return Watch(*flags, context); }; });
}

absl::StatusOr<int> ShowLeaderboard(const QueryFlags& flags, CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  v1::GetLeaderboardRequest request;
  request.set_job(flags.job);
  request.set_filter(flags.filter);
  request.set_order_by(flags.order_by);
  CAVIAR_ASSIGN_OR_RETURN(const v1::Leaderboard leaderboard,
                          client->GetLeaderboard(request, flags.top));
  PrintLeaderboard(context.console, FormatOf(context), leaderboard, !flags.filter.empty());
  return kDone;
}

void AddLeaderboard(CLI::App& app, CommandContext& context) {
  CLI::App* command = AddCommand(app, "leaderboard", "A job's best trials",
                                 "caviar leaderboard letters --top 5 --filter 'optimizer = adam'");
  const auto flags = std::make_shared<QueryFlags>();
  AddJobArgument(*command, flags->job);
  command->add_option("--top", flags->top, "How many")
      ->check(WholeNumber(1, 1'000'000))
      ->option_text("K [20]");
  AddQueryFlags(*command, *flags);
  AddServerFlag(*command, context);
  AddOutputFlag(*command, context);
  command->callback([flags, &context] {
    context.action = [flags, &context] { return ShowLeaderboard(*flags, context); };
  });
}

absl::StatusOr<int> ShowTrials(const QueryFlags& flags, CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  v1::ListTrialsRequest request;
  request.set_job(flags.job);
  request.set_filter(flags.filter);
  request.set_order_by(flags.order_by);
  CAVIAR_ASSIGN_OR_RETURN(const v1::ListTrialsResponse trials, client->ListTrials(request));
  const OutputFormat format = FormatOf(context);
  Table table = TrialsTable(trials, format == OutputFormat::kCsv);
  if (!flags.filter.empty()) table.if_empty = kNoMatch;
  Print(context.console, format, trials, table);
  return kDone;
}

void AddTrials(CLI::App& app, CommandContext& context) {
  CLI::App* command = AddCommand(app, "trials", "All trials of a job, by number",
                                 "caviar trials letters --output csv");
  const auto flags = std::make_shared<QueryFlags>();
  AddJobArgument(*command, flags->job);
  AddQueryFlags(*command, *flags);
  AddServerFlag(*command, context);
  AddOutputFlag(*command, context);
  command->callback([flags, &context] {
    context.action = [flags, &context] { return ShowTrials(*flags, context); };
  });
}

absl::StatusOr<int> ShowCurve(const QueryFlags& flags, CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  CAVIAR_ASSIGN_OR_RETURN(const v1::Curve curve, client->GetCurve(flags.job, flags.trial));
  Print(context.console, FormatOf(context), curve, CurveTable(curve));
  return kDone;
}

void AddCurve(CLI::App& app, CommandContext& context) {
  CLI::App* command =
      AddCommand(app, "curve", "What a trial measured after each epoch", "caviar curve letters 7");
  const auto flags = std::make_shared<QueryFlags>();
  AddJobArgument(*command, flags->job);
  command->add_option("TRIAL", flags->trial, "The trial's number")
      ->required()
      ->check(WholeNumber(1, std::numeric_limits<uint32_t>::max()));
  AddServerFlag(*command, context);
  AddOutputFlag(*command, context);
  command->callback([flags, &context] {
    context.action = [flags, &context] { return ShowCurve(*flags, context); };
  });
}

absl::StatusOr<int> ShowImportance(SearchClient& client, const std::string& job,
                                   const std::string& method, CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(
      const v1::Importance importance,
      client.GetImportance(job, method == "fanova" ? v1::GetImportanceRequest::FANOVA
                                                   : v1::GetImportanceRequest::PED_ANOVA));
  PrintImportance(context.console, FormatOf(context), importance);
  return kDone;
}

void AddImportance(CLI::App& app, CommandContext& context) {
  const auto method = std::make_shared<std::string>("ped_anova");
  CLI::App* command =
      AddJobCommand(app, context, "importance", "Which hyperparameters mattered",
                    "caviar importance letters --method fanova",
                    [method, &context](SearchClient& client, const std::string& job) {
                      return ShowImportance(client, job, *method, context);
                    });
  command
      ->add_option("--method", *method,
                   "ped_anova: what the best trials have in common; fanova: what explains the "
                   "variance of all")
      ->check(OneOf({"ped_anova", "fanova"}))
      ->option_text("ped_anova|fanova");
}

absl::StatusOr<int> ShowWorkers(CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  CAVIAR_ASSIGN_OR_RETURN(const v1::ListWorkersResponse workers, client->ListWorkers());
  Print(context.console, FormatOf(context), workers, WorkersTable(workers));
  return kDone;
}

}  // namespace

void AddResultCommands(CLI::App& app, CommandContext& context) {
  AddWatch(app, context);
  AddLeaderboard(app, context);
  AddTrials(app, context);
  AddCurve(app, context);
  AddImportance(app, context);
  CLI::App* workers = AddCommand(app, "workers", "All workers and what they do", "caviar workers");
  AddServerFlag(*workers, context);
  AddOutputFlag(*workers, context);
  workers->callback([&context] { context.action = [&context] { return ShowWorkers(context); }; });
}

}  // namespace caviar::cli
