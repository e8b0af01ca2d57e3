#include "client/cli/caviar.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/exit_code.h"
#include "common/flags/usage_error.h"
#include "common/log/log.h"
#include "common/rpc/address.h"
#include "common/text/printable.h"
#include "common/text/utf8.h"

namespace caviar::cli {
namespace {

std::string DefaultServer() {
  const char* server = std::getenv("CAVIAR_SERVER");
  return server != nullptr && server[0] != '\0' ? server : kDefaultServerAddress;
}

// Names and paths travel in messages and are shown again, both as UTF-8.
std::string BadArgument(const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (FindInvalidUtf8(arguments[i]) == absl::string_view::npos) continue;
    return absl::StrCat("caviar: argument ", i + 1, " (", Printable(arguments[i]),
                        ") is not UTF-8; rename the file, or set a UTF-8 locale and type it "
                        "again\n");
  }
  return "";
}

// The exit code, once what was printed is known to have arrived.
int Ended(int exit_code, Console& console) {
  console.out.flush();
  if (console.out.good()) return exit_code;
  console.err << "caviar: cannot write the answer to standard output; is the disk full?\n";
  return exit_code == kDone ? kBroken : exit_code;
}

}  // namespace

int RunCaviar(std::vector<std::string> arguments, const std::string& version, Console& console) {
  CLI::App app(
      "Caviar: parallel hyperparameter search on your own machines.\n"
      "`caviar run` searches on this machine; the other commands talk to a coordinator.",
      "caviar");
  CommandContext context(console);
  context.server = DefaultServer();
  std::string log_level = "warning";
  app.set_version_flag("--version", absl::StrCat("caviar ", version));
  app.add_option("--log-level", log_level, "What to log on stderr")
      ->option_text("debug|info|warning|error|off");
  app.footer("Example:\n  caviar run --data letter.csv --target Letter --trials 40");
  app.require_subcommand(1);
  AddLocalCommands(app, context);
  AddDatasetCommands(app, context);
  AddLintCommand(app, context);
  AddJobCommands(app, context);
  AddAddCommand(app, context);
  AddAdjustCommand(app, context);
  AddResultCommands(app, context);
  AddRerunCommands(app, context);
  AddModelCommands(app, context);

  const std::string bad = BadArgument(arguments);
  if (!bad.empty()) {
    console.err << bad;
    return kUsage;
  }
  // Who types a name alone wants to know what may follow.
  const bool is_bare = arguments.empty() || arguments == std::vector<std::string>{"dataset"};
  if (is_bare) arguments.push_back("--help");
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the end
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::Success& asked) {  // --help, --version
    app.exit(asked, console.out, console.err);
    return Ended(kDone, console);
  } catch (const CLI::ParseError& error) {
    console.err << "caviar: " << UsageErrorText(error, app) << "\n";
    return kUsage;
  }
  absl::Status status = SetLogLevel(log_level);
  if (status.ok()) {
    const absl::StatusOr<int> result = context.action();
    if (result.ok()) return Ended(*result, console);
    status = result.status();
  }
  console.out.flush();
  console.err << ErrorText(status) << std::flush;
  return ExitCodeOf(status);
}

}  // namespace caviar::cli
