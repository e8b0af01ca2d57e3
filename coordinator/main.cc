// caviar-coordinator: one coordinator until SIGTERM or SIGINT. Says `listening on HOST:PORT` on
// stdout once it is ready, and nothing else there.
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/rpc/address.h"
#include "coordinator/coordinator.h"
#include "coordinator/flags.h"

namespace caviar {
namespace {

constexpr int kExitFailed = 1;
// Usage, and a directory that is in use or not ours.
constexpr int kExitRefused = 2;

// Connections are bounded by descriptors, and the usual soft limit is 1024.
void RaiseDescriptorLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) LogWarning("cannot raise the limit of open files");
}

// Blocked in every thread that starts after this, so that only sigwait gets them.
sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A peer that is gone is an error of the call, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

[[noreturn]] void DieOf(const absl::Status& reason) {
  // Nothing may be sent or written any more, not even by destructors: the store knows less than the
  // engine. A restart from the store equals never having failed.
  LogError(absl::StrCat("stopping at once, a commit failed: ", reason.message(),
                        "; nothing that was confirmed is lost, start again once it is mended"));
  _exit(kExitFailed);
}

int Run(CoordinatorOptions options) {
  const sigset_t signals = BlockStopSignals();
  RaiseDescriptorLimit();
  options.on_fatal = DieOf;
  absl::StatusOr<std::unique_ptr<Coordinator>> coordinator = Coordinator::Start(options);
  if (!coordinator.ok()) {
    std::fprintf(stderr, "caviar-coordinator: %s\n",
                 std::string(coordinator.status().message()).c_str());
    return absl::IsFailedPrecondition(coordinator.status()) ? kExitRefused : kExitFailed;
  }
  const HostPort bound{options.listen.host, (*coordinator)->port()};
  std::printf("listening on %s\n", FormatHostPort(bound).c_str());
  std::fflush(stdout);

  int signal = 0;
  sigwait(&signals, &signal);
  LogInfo("closing; a second signal ends the process at once");
  std::thread([signals] {
    int second = 0;
    sigwait(&signals, &second);
    _exit(128 + second);
  }).detach();
  (*coordinator)->Close();
  LogInfo("closed");
  return 0;
}

}  // namespace
}  // namespace caviar

int main(int argc, char** argv) {
  int exit_code = 0;
  std::optional<caviar::CoordinatorOptions> options = caviar::ParseFlags(argc, argv, exit_code);
  if (!options.has_value()) return exit_code;
  return caviar::Run(*std::move(options));
}
