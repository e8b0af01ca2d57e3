// caviar-worker: flags and wiring. A worker dials its coordinator, trains what it is assigned, and
// reports.
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/log/log.h"
#include "common/rpc/address.h"
#include "common/rpc/channel.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "common/time/clock.h"
#include "worker/linalg/blas.h"
#include "worker/runtime/epoch_runner.h"
#include "worker/runtime/native_trainer.h"
#include "worker/self_test/self_test.h"
#include "worker/session/artifact_cache.h"
#include "worker/session/artifact_client.h"
#include "worker/session/boot_time_clock.h"
#include "worker/session/cache_directory.h"
#include "worker/session/worker_session.h"

namespace caviar {
namespace {

constexpr int kExitUsage = 2;
constexpr char kExample[] =
    "Examples: what this machine can do; two slots for a coordinator on another machine's port "
    "7420\n"
    "  caviar-worker --self-test\n"
    "  caviar-worker --coordinator 10.0.0.5:7420 --slots 2\n\n"
    "SIGTERM or Ctrl-C drains: running trials are checkpointed and handed back within 20 s.\n"
    "A second one ends the worker at once.";

struct Flags {
  std::string coordinator = kDefaultServerAddress;
  int slots = 0;  // 0: one a core
  std::string name;
  std::string cache;
  int cache_gib = 20;
  std::string log_level = "info";
  std::string checkpoint_interval = "30s";
  bool self_test = false;
};

std::string DefaultCache() {
  const char* const cache = getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return absl::StrCat(cache, "/caviar/worker");
  const char* const home = getenv("HOME");
  if (home != nullptr && home[0] != '\0') return absl::StrCat(home, "/.cache/caviar/worker");
  return absl::StrCat("/var/tmp/caviar-", getuid(), "/worker");
}

// An unnamed worker goes by its machine's name, and by its number there where it is not the first.
std::string DefaultName(int sibling) {
  char host[256] = {};
  if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0') snprintf(host, 7, "worker");
  return sibling == 1 ? std::string(host) : absl::StrCat(host, "-", sibling);
}

absl::StatusOr<session::CacheDirectory> OpenCache(const Flags& flags) {
  if (!flags.cache.empty()) return session::CacheDirectory::Open(flags.cache);
  const std::string path = DefaultCache();
  absl::StatusOr<session::CacheDirectory> cache = session::CacheDirectory::OpenFirstFree(path);
  if (cache.ok() && cache->sibling() > 1) {
    LogInfo(absl::StrCat("cache ", path, " belongs to another worker; using ", cache->path()));
  }
  return cache;
}

// SIGTERM and SIGINT: the first drains, the second ends the process. By a handler and a pipe, not
// by masks and sigwait: OpenBLAS starts threads before main that would take the signal instead.
//
// Lifetime: that of the process, so that no signal is ever swallowed.
class SignalThread {
 public:
  explicit SignalThread(session::WorkerSession& session) : session_(session) {
    CAVIAR_CHECK(pipe2(pipe_, O_CLOEXEC) == 0);
    struct sigaction action = {};
    action.sa_handler = [](int number) {
      const int errno_before = errno;
      const char byte = static_cast<char>(number);
      [[maybe_unused]] const ssize_t written = write(pipe_[1], &byte, 1);
      errno = errno_before;
    };
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
    std::thread([this] { Run(); }).detach();
  }

 private:
  void Run() {
    bool has_drained = false;
    for (;;) {
      char number = 0;
      if (read(pipe_[0], &number, 1) != 1) continue;
      if (has_drained) _exit(128 + number);
      has_drained = true;
      session_.RequestDrain();
    }
  }

  static inline int pipe_[2];
  session::WorkerSession& session_;
};

// Returns only with an error: a worker that drained has ended the process.
absl::Status Run(const Flags& flags, std::string hardware) {
  CAVIAR_RETURN_IF_ERROR(SetLogLevel(flags.log_level));
  CAVIAR_ASSIGN_OR_RETURN(const HostPort address, ParseHostPort(flags.coordinator));
  absl::Duration checkpoint_interval;
  if (!absl::ParseDuration(flags.checkpoint_interval, &checkpoint_interval) ||
      checkpoint_interval < absl::ZeroDuration()) {
    return absl::InvalidArgumentError(absl::StrCat("--checkpoint-interval: \"",
                                                   flags.checkpoint_interval,
                                                   "\" is no duration; write 30s or 2m"));
  }
  CAVIAR_ASSIGN_OR_RETURN(const session::CacheDirectory cache, OpenCache(flags));

  session::SessionOptions options;
  options.coordinator = FormatHostPort(address);
  options.worker_id = cache.worker_id();
  options.incarnation = cache.incarnation();
  options.name = flags.name.empty() ? DefaultName(cache.sibling()) : flags.name;
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  options.slots = flags.slots > 0 ? static_cast<uint32_t>(flags.slots) : cores;
  options.hardware = std::move(hardware);
  options.version = CAVIAR_VERSION;
  if (getrandom(&options.seed, sizeof(options.seed), 0) != sizeof(options.seed)) {
    return absl::InternalError("cannot get random bytes");
  }

  const session::BootTimeClock clock;
  // Bulk transfers have a connection of their own, so that heartbeats never queue behind them.
  session::ArtifactClient artifacts(CreateClientChannel(options.coordinator));
  session::ArtifactCache::Options cache_options;
  cache_options.directory = absl::StrCat(cache.path(), "/artifacts");
  cache_options.bytes_max = static_cast<uint64_t>(flags.cache_gib) << 30;
  CAVIAR_ASSIGN_OR_RETURN(const std::unique_ptr<session::ArtifactCache> artifact_cache,
                          session::ArtifactCache::Open(cache_options, artifacts));
  runtime::NativeTrainerFactory trainers;
  runtime::EpochRunner runner(*artifact_cache, trainers, clock, {checkpoint_interval});

  LogInfo(absl::StrCat("caviar-worker ", CAVIAR_VERSION, " with ", options.slots, " slots, ",
                       options.hardware, ", cache ", cache.path(), ", connecting to ",
                       options.coordinator));
  session::WorkerSession session(
      options, [address = options.coordinator] { return CreateClientChannel(address); }, runner,
      artifacts, clock);
  const SignalThread signals(session);
  session.Run();
  LogInfo("drained; goodbye");
  // Not by the destructors, which wait for the slots: one that hashes a data set or tests its model
  // hears no stop for minutes, and nobody listens to it any more. A crash leaves no less behind.
  _exit(0);
}

int Main(int argc, char** argv) {
  // May execute this program anew, so it comes before anything with an effect. What it chose is
  // in our own first line, once --log-level is known.
  CAVIAR_CHECK_OK(SetLogLevel("warning"));
  absl::StatusOr<std::string> hardware = linalg::PrepareBlas(argc, argv);
  if (!hardware.ok()) {
    fprintf(stderr, "caviar-worker: %s\n", std::string(hardware.status().message()).c_str());
    return 1;
  }

  Flags flags;
  CLI::App app("Trains the trials that a coordinator assigns.", "caviar-worker");
  app.footer(kExample);
  app.set_version_flag("--version", absl::StrCat("caviar-worker ", CAVIAR_VERSION));
  app.add_option("--coordinator", flags.coordinator, "where the coordinator listens")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--slots", flags.slots, "trials trained at once (default: one a core)")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  app.add_option("--name", flags.name, "label of this worker (default: the machine's name)")
      ->type_name("NAME");
  app.add_option(
         "--cache", flags.cache,
         absl::StrCat("directory for the worker's identity and fetched data sets (default: ",
                      DefaultCache(), ", or a numbered sibling while that is in use)"))
      ->type_name("DIR");
  app.add_option("--cache-gib", flags.cache_gib, "bound of fetched files that are not in use")
      ->type_name("GIB")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  app.add_option("--checkpoint-interval", flags.checkpoint_interval,
                 "save running trials at least this long apart")
      ->type_name("DURATION")
      ->capture_default_str();
  app.add_option("--log-level", flags.log_level, "debug, info, warning, error or off")
      ->type_name("LEVEL")
      ->capture_default_str();
  app.add_flag("--self-test", flags.self_test,
               "measure this machine, warn about what is wrong with it, and end");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (flags.self_test) {
    fputs(self_test::SelfTestReport(*hardware).c_str(), stdout);
    return 0;
  }
  const absl::Status status = Run(flags, *std::move(hardware));
  fprintf(stderr, "caviar-worker: %s\n", std::string(status.message()).c_str());
  const bool is_usage = absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status);
  return is_usage ? kExitUsage : 1;
}

}  // namespace
}  // namespace caviar

int main(int argc, char** argv) { return caviar::Main(argc, argv); }
