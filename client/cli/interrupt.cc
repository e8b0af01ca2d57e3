#include "client/cli/interrupt.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "common/status/check.h"

namespace caviar::cli {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM};
int signal_pipe[2] = {-1, -1};
struct sigaction actions_before[2];

void WriteSignal(int number) {
  const int saved_errno = errno;
  const char byte = static_cast<char>(number);
  [[maybe_unused]] const ssize_t written = write(signal_pipe[1], &byte, 1);
  errno = saved_errno;
}

void InstallHandlers() {
  struct sigaction action = {};
  action.sa_handler = WriteSignal;
  action.sa_flags = SA_RESTART;
  for (int i = 0; i < 2; ++i) {
    CAVIAR_CHECK(sigaction(kSignals[i], &action, &actions_before[i]) == 0);
  }
}

void RestoreHandlers() {
  for (int i = 0; i < 2; ++i) {
    CAVIAR_CHECK(sigaction(kSignals[i], &actions_before[i], nullptr) == 0);
  }
}

}  // namespace

Interrupt::Interrupt(std::function<void()> on_first, std::function<void()> on_second)
    : on_first_(std::move(on_first)), on_second_(std::move(on_second)) {
  CAVIAR_CHECK(signal_pipe[0] == -1) << "one Interrupt at a time";
  CAVIAR_CHECK(pipe2(signal_pipe, O_CLOEXEC) == 0);
  InstallHandlers();
  thread_ = std::thread([this] { Run(); });
}

Interrupt::~Interrupt() {
  RestoreHandlers();
  WriteSignal(0);
  thread_.join();
  for (int& end : signal_pipe) {
    close(end);
    end = -1;
  }
}

void Interrupt::Run() {
  for (;;) {
    char number = 0;
    if (read(signal_pipe[0], &number, 1) != 1) continue;
    if (number == 0) return;
    if (signal_ == 0) {
      signal_ = number;
      on_first_();
    } else {
      on_second_();
    }
  }
}

}  // namespace caviar::cli
