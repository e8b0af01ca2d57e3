// caviar-worker: wiring. A worker dials its coordinator, trains what it is assigned, and
// reports.
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/rpc/address.h"
#include "common/rpc/channel.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "common/time/clock.h"
#include "worker/flags.h"
#include "worker/linalg/blas.h"
#include "worker/runtime/epoch_runner.h"
#include "worker/runtime/native_trainer.h"
#include "worker/self_test/self_test.h"
#include "worker/session/artifact_cache.h"
#include "worker/session/artifact_client.h"
#include "worker/session/artifacts_in_place.h"
#include "worker/session/boot_time_clock.h"
#include "worker/session/cache_directory.h"
#include "worker/session/worker_session.h"

namespace caviar {
namespace {

constexpr int kExitRefused = 2;

// An unnamed worker goes by its machine's name, and by its number there where it is not the first.
std::string DefaultName(int sibling) {
  char host[256] = {};
  if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0') snprintf(host, 7, "worker");
  return sibling == 1 ? std::string(host) : absl::StrCat(host, "-", sibling);
}

absl::StatusOr<session::CacheDirectory> OpenCache(const WorkerFlags& flags) {
  if (!flags.cache.empty()) return session::CacheDirectory::Open(flags.cache);
  const std::string path = DefaultCache();
  absl::StatusOr<session::CacheDirectory> cache = session::CacheDirectory::OpenFirstFree(path);
  if (cache.ok() && cache->sibling() > 1) {
    LogInfo(absl::StrCat("cache ", path, " belongs to another worker; using ", cache->path()));
  }
  return cache;
}

absl::StatusOr<HostPort> CoordinatorOf(const WorkerFlags& flags) {
  if (flags.coordinator.has_value()) return *flags.coordinator;
  std::string line;
  if (!std::getline(std::cin, line)) {
    return absl::InvalidArgumentError("--coordinator -: stdin ended without an address");
  }
  return ParseHostPort(line, "--coordinator - (from stdin)");
}

// Not when flags are parsed: a coordinator that is just starting has made it once it listens.
absl::Status CheckArtifacts(const std::string& directory) {
  if (directory.empty() || std::filesystem::is_directory(directory)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--artifacts: there is no directory ", directory,
                   "; it is the folder artifacts in the --dir of a coordinator on this machine"));
}

// SIGTERM and SIGINT: the first drains, the second ends the process. By a handler and a pipe, not
// by masks and sigwait: gRPC's threads, which are there already, would take the signal instead.
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
absl::Status Run(const WorkerFlags& flags, std::string hardware) {
  session::SessionOptions options;
  CAVIAR_ASSIGN_OR_RETURN(const HostPort coordinator, CoordinatorOf(flags));
  options.coordinator = FormatHostPort(coordinator);
  CAVIAR_RETURN_IF_ERROR(CheckArtifacts(flags.artifacts));
  CAVIAR_ASSIGN_OR_RETURN(const session::CacheDirectory cache, OpenCache(flags));
  options.worker_id = cache.worker_id();
  options.incarnation = cache.incarnation();
  options.name = flags.name.empty() ? DefaultName(cache.sibling()) : flags.name;
  options.slots = flags.slots;
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
  session::ArtifactsInPlace artifacts_in_place(flags.artifacts, *artifact_cache);
  runtime::ArtifactSource* source = artifact_cache.get();
  if (!flags.artifacts.empty()) source = &artifacts_in_place;
  runtime::NativeTrainerFactory trainers;
  runtime::EpochRunner runner(*source, trainers, clock, {flags.checkpoint_interval});

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
  int exit_code = 0;
  const std::optional<WorkerFlags> flags = ParseFlags(argc, argv, exit_code);
  if (!flags.has_value()) return exit_code;
  absl::StatusOr<std::string> hardware = linalg::PrepareBlas();
  if (!hardware.ok()) {
    fprintf(stderr, "caviar-worker: %s\n", std::string(hardware.status().message()).c_str());
    return 1;
  }
  if (flags->self_test) {
    fputs(self_test::SelfTestReport(*hardware).c_str(), stdout);
    return 0;
  }
  const absl::Status status = Run(*flags, *std::move(hardware));
  fprintf(stderr, "caviar-worker: %s\n", std::string(status.message()).c_str());
  const bool is_refused = absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status);
  return is_refused ? kExitRefused : 1;
}

}  // namespace
}  // namespace caviar

int main(int argc, char** argv) { return caviar::Main(argc, argv); }
