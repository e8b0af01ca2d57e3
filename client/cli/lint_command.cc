// caviar lint
#include "absl/strings/str_cat.h"
#include "client/cli/check_job.h"
#include "client/cli/command.h"
#include "client/job_file/job_file.h"
#include "common/status/status_macros.h"
#include "common/text/printable.h"

namespace caviar::cli {
namespace {

struct LintFlags {
  std::string job_file;
  std::vector<std::string> overrides;
  bool asks_server = false;
};

// Its rows bound the mini-batch. Without a coordinator that is left to the submit.
absl::StatusOr<v1::Dataset> DatasetOf(const LintFlags& flags, const v1::JobSpec& spec,
                                      const CommandContext& context) {
  if (!flags.asks_server || spec.dataset().empty()) return v1::Dataset();
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  return client->GetDataset(spec.dataset());
}

absl::StatusOr<int> Lint(const LintFlags& flags, CommandContext& context) {
  job_file::JobFileOptions options;
  options.overrides = flags.overrides;
  options.check = CheckJobValues;
  CAVIAR_ASSIGN_OR_RETURN(const v1::JobSpec spec, job_file::ReadJobFile(flags.job_file, options));
  CAVIAR_ASSIGN_OR_RETURN(const v1::Dataset dataset, DatasetOf(flags, spec, context));
  CAVIAR_ASSIGN_OR_RETURN(const std::vector<std::string> warnings, WarningsOf(spec, dataset));
  for (const std::string& warning : warnings) {
    context.console.out << "warning: " << Printable(warning) << "\n";
  }
  context.console.out << (warnings.empty()
                              ? "the job is valid; there is nothing to warn of\n"
                              : absl::StrCat("the job is valid; warnings: ", warnings.size(),
                                             "\n"));
  return kDone;
}

}  // namespace

void AddLintCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command =
      AddCommand(app, "lint", "Check a job file, and warn of what its author will not have meant",
                 "caviar lint letters.yaml");
  const auto flags = std::make_shared<LintFlags>();
  command
      ->add_option("JOB.yaml", flags->job_file,
                   "The job file (docs/job-file.md); - is standard input")
      ->required();
  AddSetFlag(*command, flags->overrides);
  command
      ->add_option("--server", context.server,
                   "Also look up the job's data set at this coordinator, for its rows")
      ->option_text("HOST:PORT");
  command->callback([command, flags, &context] {
    flags->asks_server = command->count("--server") > 0;
    context.action = [flags, &context] { return Lint(*flags, context); };
  });
}

}  // namespace caviar::cli
