#include "coordinator/flags.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/flags/flag_values.h"
#include "common/flags/service_flags.h"
#include "common/log/log.h"
#include "common/rpc/address.h"
#include "common/status/status_macros.h"

namespace caviar {
namespace {

// Shorter ones would spend the network on heartbeats.
constexpr absl::Duration kHeartbeatMin = absl::Milliseconds(10);

struct Words {
  std::string listen = kDefaultServerAddress;
  std::string directory;
  absl::Duration heartbeat_interval = absl::Seconds(5);
  absl::Duration lease = absl::Seconds(20);
  std::string log_level = "info";
  bool insecure_any_address = false;
};

// $XDG_DATA_HOME/caviar, by default ~/.local/share/caviar.
std::string DefaultDirectory() {
  const char* const data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && data[0] == '/') return absl::StrCat(data, "/caviar");
  const char* const home = std::getenv("HOME");
  return home == nullptr ? "" : absl::StrCat(home, "/.local/share/caviar");
}

absl::Status CheckReach(const Words& words, const HostPort& listen) {
  if (IsLoopback(listen.host)) return absl::OkStatus();
  if (!words.insecure_any_address) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--listen ", words.listen,
        " lets everyone who can reach this machine use the coordinator, without password or "
        "encryption; listen on 127.0.0.1 (and forward the port by ssh -L), or spell out "
        "--insecure-any-address if you trust the whole network"));
  }
  LogWarning(absl::StrCat("listening on ", words.listen,
                          " without password or encryption: everyone who can reach this port can "
                          "read, change and stop every job"));
  return absl::OkStatus();
}

absl::StatusOr<CoordinatorOptions> ToOptions(const Words& words) {
  CAVIAR_RETURN_IF_ERROR(SetLogLevel(words.log_level));
  CoordinatorOptions options;
  CAVIAR_ASSIGN_OR_RETURN(options.listen, ParseHostPort(words.listen, "--listen"));
  CAVIAR_RETURN_IF_ERROR(CheckReach(words, options.listen));
  options.directory = words.directory.empty() ? DefaultDirectory() : words.directory;
  if (options.directory.empty()) {
    return absl::InvalidArgumentError("--dir is needed: there is no home directory to put it in");
  }
  options.engine.heartbeat_interval = words.heartbeat_interval;
  options.engine.lease = words.lease;
  if (options.engine.lease <= options.engine.heartbeat_interval) {
    return absl::InvalidArgumentError(
        "--lease must be longer than --heartbeat-interval, best four times as long");
  }
  return options;
}

void AddFlags(CLI::App& app, Words& words) {
  app.set_version_flag("--version", "caviar-coordinator " CAVIAR_VERSION);
  app.footer(
      "Example: a coordinator on any free port, its data beside the project\n"
      "  caviar-coordinator --listen 127.0.0.1:0 --dir ./caviar-data\n"
      "prints `listening on 127.0.0.1:PORT` once it is ready. SIGTERM or Ctrl-C closes it; all "
      "that\n"
      "it had confirmed is there at the next start.");
  app.add_option("--listen", words.listen, "Address for clients and workers; port 0: any free one")
      ->option_text(absl::StrCat("HOST:PORT [", words.listen, "]"));
  app.add_option("--dir", words.directory,
                 "Where jobs, curves and models are kept; created if missing")
      ->option_text("DIR [$XDG_DATA_HOME/caviar, or ~/.local/share/caviar]");
  AddDurationFlag(app, "--heartbeat-interval", kHeartbeatMin,
                  "How often workers say that they live", words.heartbeat_interval);
  AddDurationFlag(app, "--lease", kHeartbeatMin,
                  "A silent worker's trials are given to others after this long", words.lease);
  app.add_flag("--insecure-any-address", words.insecure_any_address,
               "Allow --listen on an address that other machines can reach");
  app.add_option("--log-level", words.log_level, "debug, info, warning, error or off")
      ->option_text(absl::StrCat("LEVEL [", words.log_level, "]"));
}

}  // namespace

std::optional<CoordinatorOptions> ParseFlags(int argc, char** argv, int& exit_code) {
  CLI::App app("The coordinator of Caviar: keeps jobs and trials and hands them out to workers.",
               "caviar-coordinator");
  Words words;
  AddFlags(app, words);
  if (!ParseServiceFlags(app, argc, argv, exit_code)) return std::nullopt;
  absl::StatusOr<CoordinatorOptions> options = ToOptions(words);
  if (!options.ok()) {
    RefuseFlags(app, options.status().message(), exit_code);
    return std::nullopt;
  }
  return *std::move(options);
}

}  // namespace caviar
