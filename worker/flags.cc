#include "worker/flags.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/flags/flag_values.h"
#include "common/flags/service_flags.h"
#include "common/log/log.h"
#include "common/status/status_macros.h"

namespace caviar {
namespace {

// As the coordinator takes them.
constexpr int kSlotsMax = 4096;
constexpr int kCacheGibMax = 1 << 20;

struct Words {
  std::string coordinator = kDefaultServerAddress;
  std::string log_level = "info";
  WorkerFlags flags;
};

void AddFlags(CLI::App& app, Words& words) {
  WorkerFlags& flags = words.flags;
  flags.slots = std::max(1u, std::thread::hardware_concurrency());
  app.set_version_flag("--version", "caviar-worker " CAVIAR_VERSION);
  app.footer(
      "Examples: what this machine can do; two slots for a coordinator on another machine\n"
      "  caviar-worker --self-test\n"
      "  caviar-worker --coordinator 10.0.0.5:7420 --slots 2\n"
      "SIGTERM or Ctrl-C drains: running trials are checkpointed and handed back within 20 s. A\n"
      "second one ends the worker at once.");
  app.add_option("--coordinator", words.coordinator,
                 "Where the coordinator listens; -: wait for a line on stdin that says it")
      ->option_text(absl::StrCat("HOST:PORT [", words.coordinator, "]"));
  app.add_option("--slots", flags.slots, "Trials trained at once, one core each")
      ->check(WholeNumber(1, kSlotsMax))
      ->option_text(absl::StrCat("N [", flags.slots, "]"));
  app.add_option("--name", flags.name, "Label of this worker")->option_text("NAME [the machine's]");
  app.add_option("--cache", flags.cache,
                 "Where its identity and fetched data sets are kept; the default has a numbered "
                 "sibling for each worker more")
      ->option_text(absl::StrCat("DIR [", DefaultCache(), "]"));
  app.add_option("--cache-gib", flags.cache_gib, "Bound of fetched files that are not in use")
      ->check(WholeNumber(1, kCacheGibMax))
      ->option_text(absl::StrCat("GIB [", flags.cache_gib, "]"));
  app.add_option(
         "--artifacts", flags.artifacts,
         "The folder artifacts in the --dir of a coordinator on this machine: what is there "
         "is used there, not fetched")
      ->option_text("DIR");
  AddDurationFlag(app, "--checkpoint-interval", absl::ZeroDuration(),
                  "Running trials are saved at least this long apart", flags.checkpoint_interval);
  app.add_option("--log-level", words.log_level, "debug, info, warning, error or off")
      ->option_text(absl::StrCat("LEVEL [", words.log_level, "]"));
  app.add_flag("--self-test", flags.self_test,
               "Measure this machine, warn about what is wrong with it, and end");
}

absl::StatusOr<WorkerFlags> ToFlags(Words words) {
  CAVIAR_RETURN_IF_ERROR(SetLogLevel(words.log_level));
  if (words.coordinator != "-") {
    CAVIAR_ASSIGN_OR_RETURN(words.flags.coordinator,
                            ParseHostPort(words.coordinator, "--coordinator"));
  }
  return std::move(words.flags);
}

}  // namespace

std::string DefaultCache() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return absl::StrCat(cache, "/caviar/worker");
  const char* const home = std::getenv("HOME");
  if (home != nullptr && home[0] != '\0') return absl::StrCat(home, "/.cache/caviar/worker");
  return absl::StrCat("/var/tmp/caviar-", getuid(), "/worker");
}

std::optional<WorkerFlags> ParseFlags(int argc, char** argv, int& exit_code) {
  CLI::App app("A worker of Caviar: trains the trials that a coordinator hands out.",
               "caviar-worker");
  Words words;
  AddFlags(app, words);
  if (!ParseServiceFlags(app, argc, argv, exit_code)) return std::nullopt;
  absl::StatusOr<WorkerFlags> flags = ToFlags(std::move(words));
  if (!flags.ok()) {
    RefuseFlags(app, flags.status().message(), exit_code);
    return std::nullopt;
  }
  return *std::move(flags);
}

}  // namespace caviar
