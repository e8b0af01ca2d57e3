#include "client/cli/child_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace caviar::cli {
namespace {

// Descriptors the child works with; -1 where there is none.
struct ChildEnds {
  int input = -1;
  int output = -1;
  int log = -1;
  int error = -1;  // where it says why it could not start
};

// Between fork and exec: system calls only, since other threads of the parent may have held any
// lock.
[[noreturn]] void BecomeProgram(const char* program, char* const* arguments, const ChildEnds& ends,
                                pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);  // it died before the line above
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGTERM, SIGPIPE}) signal(number, SIG_DFL);
  dup2(ends.input, STDIN_FILENO);
  dup2(ends.output >= 0 ? ends.output : ends.log, STDOUT_FILENO);
  dup2(ends.log, STDERR_FILENO);
  syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
  execv(program, arguments);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(ends.error, &error, sizeof(error));
  _exit(127);
}

}  // namespace

absl::StatusOr<ChildProcess> ChildProcess::Start(const Options& options) {
  ChildEnds ends;
  int input_pair[2] = {-1, -1};
  int output_pipe[2] = {-1, -1};
  int error_pipe[2] = {-1, -1};
  const auto closer = absl::MakeCleanup([&] {
    for (const int fd : {ends.input, ends.log, input_pair[1], output_pipe[0], output_pipe[1],
                         error_pipe[0], error_pipe[1]}) {
      if (fd >= 0) close(fd);
    }
  });
  ends.log = open(options.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (ends.log < 0)
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", options.log_path));
  // Sockets, because a pipe that nobody reads any more would bring this program a signal.
  const bool has_pipes =
      pipe2(error_pipe, O_CLOEXEC) == 0 &&
      (!options.pipe_stdout || pipe2(output_pipe, O_CLOEXEC) == 0) &&
      (!options.has_input || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input_pair) == 0);
  ends.input = options.has_input ? input_pair[0] : open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (ends.input < 0 || !has_pipes) return absl::ErrnoToStatus(errno, "cannot open a pipe");
  ends.output = output_pipe[1];
  ends.error = error_pipe[1];

  std::vector<char*> arguments = {const_cast<char*>(options.program.c_str())};
  for (const std::string& argument : options.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) BecomeProgram(options.program.c_str(), arguments.data(), ends, parent);
  ChildProcess child(pid, std::exchange(input_pair[1], -1), std::exchange(output_pipe[0], -1));
  if (pid < 0) return absl::ErrnoToStatus(errno, "cannot start another process");

  close(std::exchange(error_pipe[1], -1));
  int error = 0;
  ssize_t count = 0;
  do {
    count = read(error_pipe[0], &error, sizeof(error));
  } while (count < 0 && errno == EINTR);
  if (count == sizeof(error)) {
    return absl::ErrnoToStatus(error, absl::StrCat("cannot start ", options.program));
  }
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept { *this = std::move(other); }

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(stdin_, other.stdin_);
  std::swap(stdout_, other.stdout_);
  std::swap(ended_, other.ended_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0 && !Ended().has_value()) {
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  for (const int fd : {stdin_, stdout_}) {
    if (fd >= 0) close(fd);
  }
}

void ChildProcess::SendLine(const std::string& line) {
  const std::string text = absl::StrCat(line, "\n");
  send(stdin_, text.data(), text.size(), MSG_NOSIGNAL);
}

void ChildProcess::Signal(int number) {
  if (pid_ > 0 && !Ended().has_value()) kill(pid_, number);
}

std::optional<std::string> ChildProcess::Ended() {
  if (pid_ <= 0 || ended_.has_value()) return ended_;
  int how = 0;
  const pid_t answer = waitpid(pid_, &how, WNOHANG);
  if (answer == 0 || (answer < 0 && errno == EINTR)) return std::nullopt;
  if (answer < 0) {
    ended_ = "unknown end";
  } else if (WIFSIGNALED(how)) {
    ended_ = absl::StrCat("signal ", WTERMSIG(how));
  } else {
    ended_ = absl::StrCat("exit code ", WEXITSTATUS(how));
  }
  return ended_;
}

void ChildProcess::AwaitAnyEnd(const std::vector<ChildProcess*>& processes,
                               absl::Duration longest) {
  std::vector<pollfd> ends;
  const auto closer = absl::MakeCleanup([&ends] {
    for (const pollfd& end : ends) close(end.fd);
  });
  for (ChildProcess* process : processes) {
    if (process->Ended().has_value()) return;
    const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, process->pid_, 0));
    if (descriptor >= 0) ends.push_back({descriptor, POLLIN, 0});
  }
  const absl::Duration wait = std::min(longest, absl::Hours(1));  // fits an int
  poll(ends.data(), ends.size(), static_cast<int>(absl::ToInt64Milliseconds(wait)));
}

}  // namespace caviar::cli
