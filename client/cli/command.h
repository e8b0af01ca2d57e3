// What the commands of `caviar` share. Each group of commands is a file with one Add… function,
// which declares flags and sets `action`; caviar.cc parses and runs the action.
//
// Included by the files that use CLI11 only.
#ifndef CAVIAR_CLIENT_CLI_COMMAND_H_
#define CAVIAR_CLIENT_CLI_COMMAND_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/console.h"
#include "client/cli/exit_code.h"
#include "client/cli/search_client.h"

namespace caviar::cli {

struct CommandContext {
  explicit CommandContext(Console& console) : console(console) {}

  Console& console;
  std::string server;
  std::string output = "table";
  // What the command line asked for: an exit code, or an error that is printed and becomes one.
  std::function<absl::StatusOr<int>()> action;
};

// A command whose --help ends with `example`.
CLI::App* AddCommand(CLI::App& parent, const std::string& name, const std::string& description,
                     const std::string& example);
void AddServerFlag(CLI::App& command, CommandContext& context);
void AddOutputFlag(CLI::App& command, CommandContext& context);
void AddJobArgument(CLI::App& command, std::string& job);
// --set, repeatable.
void AddSetFlag(CLI::App& command, std::vector<std::string>& overrides);

OutputFormat FormatOf(const CommandContext& context);
// kInvalidArgument when the server's address is none.
absl::StatusOr<std::unique_ptr<SearchClient>> ClientOf(const CommandContext& context);

// A command about one job of a server: JOB, --server and --output. `run` gets the job as written.
using JobAction = std::function<absl::StatusOr<int>(SearchClient&, const std::string& job)>;
CLI::App* AddJobCommand(CLI::App& app, CommandContext& context, const std::string& name,
                        const std::string& description, const std::string& example, JobAction run);

void AddDatasetCommands(CLI::App& app, CommandContext& context);
void AddLintCommand(CLI::App& app, CommandContext& context);
void AddJobCommands(CLI::App& app, CommandContext& context);
void AddAddCommand(CLI::App& app, CommandContext& context);
void AddAdjustCommand(CLI::App& app, CommandContext& context);
void AddResultCommands(CLI::App& app, CommandContext& context);
void AddRerunCommands(CLI::App& app, CommandContext& context);
void AddModelCommands(CLI::App& app, CommandContext& context);
void AddLocalCommands(CLI::App& app, CommandContext& context);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_COMMAND_H_
