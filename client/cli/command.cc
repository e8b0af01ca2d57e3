#include "client/cli/command.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/flags/flag_values.h"
#include "common/rpc/address.h"
#include "common/status/status_macros.h"

namespace caviar::cli {

CLI::App* AddCommand(CLI::App& parent, const std::string& name, const std::string& description,
                     const std::string& example) {
  CLI::App* command = parent.add_subcommand(name, description);
  command->footer(absl::StrCat("Example:\n  ", example));
  command->fallthrough();  // --log-level may stand anywhere
  return command;
}

void AddServerFlag(CLI::App& command, CommandContext& context) {
  command
      .add_option("--server", context.server,
                  "The coordinator's address (else CAVIAR_SERVER, else the local one)")
      ->option_text(absl::StrCat("HOST:PORT [", kDefaultServerAddress, "]"));
}

void AddOutputFlag(CLI::App& command, CommandContext& context) {
  command.add_option("--output", context.output, "How to print the answer")
      ->check(OneOf({"table", "json", "csv"}))
      ->option_text("table|json|csv");
}

void AddJobArgument(CLI::App& command, std::string& job) {
  command.add_option("JOB", job, "A job's number, or its name (the newest job of that name)")
      ->required();
}

void AddSetFlag(CLI::App& command, std::vector<std::string>& overrides) {
  command.add_option("--set", overrides, "Change the job file, as in budget.trials=20; repeatable")
      ->allow_extra_args(false)
      ->option_text("K=V");
}

OutputFormat FormatOf(const CommandContext& context) {
  if (context.output == "json") return OutputFormat::kJson;
  if (context.output == "csv") return OutputFormat::kCsv;
  return OutputFormat::kTable;
}

absl::StatusOr<std::unique_ptr<SearchClient>> ClientOf(const CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(const HostPort address,
                          ParseHostPort(context.server, "--server or CAVIAR_SERVER"));
  SearchClient::Options options;
  options.address = FormatHostPort(address);
  return std::make_unique<SearchClient>(options);
}

CLI::App* AddJobCommand(CLI::App& app, CommandContext& context, const std::string& name,
                        const std::string& description, const std::string& example, JobAction run) {
  CLI::App* command = AddCommand(app, name, description, example);
  const auto job = std::make_shared<std::string>();
  AddJobArgument(*command, *job);
  AddServerFlag(*command, context);
  AddOutputFlag(*command, context);
  command->callback([job, run = std::move(run), &context] {
    context.action = [job, run, &context]() -> absl::StatusOr<int> {
      CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
      return run(*client, *job);
    };
  });
  return command;
}

}  // namespace caviar::cli
