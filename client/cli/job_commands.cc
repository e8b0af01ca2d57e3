// caviar submit | jobs | show | pause | resume | extend | cancel | delete
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cli/check_job.h"
#include "client/cli/command.h"
#include "client/cli/import_data.h"
#include "client/cli/job_page.h"
#include "client/cli/job_sentence.h"
#include "client/cli/missing_workers.h"
#include "client/cli/progress.h"
#include "client/cli/tables.h"
#include "client/job_file/job_file.h"
#include "common/status/status_macros.h"
#include "common/text/printable.h"

namespace caviar::cli {
namespace {

struct SubmitFlags {
  std::string job_file;
  std::vector<std::string> overrides;
};

// The answer to a command that changes a job.
void PrintJob(CommandContext& context, const v1::Job& job) {
  Console& console = context.console;
  if (FormatOf(context) != OutputFormat::kTable) {
    return Print(console, FormatOf(context), job, JobPage(job));
  }
  console.out << Printable(JobSentence(job)) << "\n";
}

absl::StatusOr<int> Submit(const SubmitFlags& flags, CommandContext& context) {
  job_file::JobFileOptions options;
  options.overrides = flags.overrides;
  options.check = CheckJobValues;
  CAVIAR_ASSIGN_OR_RETURN(v1::JobSpec spec, job_file::ReadJobFile(flags.job_file, options));
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  Console& console = context.console;
  CAVIAR_RETURN_IF_ERROR(ImportDataOfJob(*client, spec, console.err));
  CAVIAR_ASSIGN_OR_RETURN(const v1::Job job, client->SubmitJob(spec));
  if (!job.sampler_choice().empty()) {
    console.err << "sampler: " << Printable(job.sampler_choice()) << "\n";
  }
  for (const std::string& warning : job.warnings()) {
    console.err << "warning: " << Printable(warning) << "\n";
  }
  PrintJob(context, job);
  if (!MayLackWorkers(job)) return kDone;
  const absl::StatusOr<v1::ListWorkersResponse> workers = client->ListWorkers();
  const std::string missing =
      workers.ok() ? MissingWorkersText(*workers, client->address()) : "";  // the job is submitted
  if (!missing.empty()) console.err << Printable(missing) << "\n";
  return kDone;
}

void AddSubmit(CLI::App& app, CommandContext& context) {
  CLI::App* command = AddCommand(app, "submit", "Submit a job to a coordinator",
                                 "caviar submit letters.yaml --set budget.trials=20");
  const auto flags = std::make_shared<SubmitFlags>();
  command->add_option("JOB.yaml", flags->job_file,
                      "The job file (docs/job-file.md); - is standard input");
  AddSetFlag(*command, flags->overrides);
  AddServerFlag(*command, context);
  AddOutputFlag(*command, context);
  command->callback([flags, &context] {
    context.action = [flags, &context] { return Submit(*flags, context); };
  });
}

absl::StatusOr<int> ListJobs(CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  CAVIAR_ASSIGN_OR_RETURN(const v1::ListJobsResponse jobs, client->ListJobs());
  Print(context.console, FormatOf(context), jobs, JobsTable(jobs));
  return kDone;
}

// A command that is one call about one job and prints the job.
using JobCall = std::function<absl::StatusOr<v1::Job>(SearchClient&, const std::string& job)>;

CLI::App* AddJobCall(CLI::App& app, CommandContext& context, const std::string& name,
                     const std::string& description, const std::string& example, JobCall call) {
  return AddJobCommand(
      app, context, name, description, example,
      [call, &context](SearchClient& client, const std::string& job) -> absl::StatusOr<int> {
        CAVIAR_ASSIGN_OR_RETURN(const v1::Job answer, call(client, job));
        PrintJob(context, answer);
        return kDone;
      });
}

void AddExtend(CLI::App& app, CommandContext& context) {
  const auto trials = std::make_shared<std::string>();
  CLI::App* command = AddJobCall(
      app, context, "extend", "Add trials to a job's budget, also to a finished job's",
      "caviar extend letters --trials +20",
      [trials](SearchClient& client, const std::string& job) -> absl::StatusOr<v1::Job> {
        int count = 0;
        if (!absl::SimpleAtoi(absl::StripPrefix(*trials, "+"), &count) || count <= 0) {
          return absl::InvalidArgumentError(absl::StrCat(
              "--trials: must be a number of trials to add such as +20, got \"", *trials, "\""));
        }
        return client.ExtendJob(job, count);
      });
  command->add_option("--trials", *trials, "How many more")->required()->option_text("+N");
}

void AddShow(CLI::App& app, CommandContext& context) {
  AddJobCommand(app, context, "show", "One job: state, budget, space and warnings",
                "caviar show letters --output json",
                [&context](SearchClient& client, const std::string& job) -> absl::StatusOr<int> {
                  CAVIAR_ASSIGN_OR_RETURN(const v1::Job answer, client.GetJob(job));
                  Print(context.console, FormatOf(context), answer, JobPage(answer));
                  return kDone;
                });
}

void AddCancel(CLI::App& app, CommandContext& context) {
  AddJobCommand(
      app, context, "cancel", "Stop all trials; what was measured is kept", "caviar cancel letters",
      [&context](SearchClient& client, const std::string& job) -> absl::StatusOr<int> {
        CAVIAR_ASSIGN_OR_RETURN(const v1::Job before, client.GetJob(job));
        CAVIAR_ASSIGN_OR_RETURN(const v1::Job after, client.CancelJob(absl::StrCat(before.id())));
        // No error, but a person should know that it changed nothing.
        if (HasEnded(before.state())) {
          context.console.err << Printable(AlreadyEndedSentence(before)) << "\n";
        }
        PrintJob(context, after);
        return kDone;
      });
}

void AddDelete(CLI::App& app, CommandContext& context) {
  CLI::App* command = AddCommand(app, "delete", "Delete a job that has ended, with all its models",
                                 "caviar delete letters");
  const auto job = std::make_shared<std::string>();
  AddJobArgument(*command, *job);
  AddServerFlag(*command, context);
  command->callback([job, &context] {
    context.action = [job, &context]() -> absl::StatusOr<int> {
      CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
      // By its number, so that it is the same job that is named, deleted and told of.
      CAVIAR_ASSIGN_OR_RETURN(const v1::Job found, client->GetJob(*job));
      CAVIAR_RETURN_IF_ERROR(client->DeleteJob(absl::StrCat(found.id())));
      context.console.out << Printable(JobLabel(found)) << " is deleted\n";
      return kDone;
    };
  });
}

}  // namespace

void AddJobCommands(CLI::App& app, CommandContext& context) {
  AddSubmit(app, context);
  CLI::App* jobs = AddCommand(app, "jobs", "All jobs, newest first", "caviar jobs");
  AddServerFlag(*jobs, context);
  AddOutputFlag(*jobs, context);
  jobs->callback([&context] { context.action = [&context] { return ListJobs(context); }; });
  AddShow(app, context);
  AddJobCall(app, context, "pause", "Start no more trials; running ones wait at a checkpoint",
             "caviar pause letters",
             [](SearchClient& client, const std::string& job) { return client.PauseJob(job); });
  AddJobCall(app, context, "resume", "Go on with a paused job", "caviar resume letters",
             [](SearchClient& client, const std::string& job) { return client.ResumeJob(job); });
  AddExtend(app, context);
  AddCancel(app, context);
  AddDelete(app, context);
}

}  // namespace caviar::cli
