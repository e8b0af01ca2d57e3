#include "tests/e2e/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "common/file/durable_file.h"

namespace caviar::e2e {
namespace {

using Clock = std::chrono::steady_clock;

int MillisecondsUntil(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

Clock::time_point DeadlineAfter(double seconds) {
  return Clock::now() + std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
}

std::string ProgramPath(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  return std::string(CAVIAR_BINARY_DIR) + "/" + name;
}

[[noreturn]] void RunChild(const std::vector<std::string>& arguments, int output, int error) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(output, STDOUT_FILENO);
  dup2(error, STDERR_FILENO);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(ProgramPath(arguments[0]).c_str(), argv.data());
  _exit(127);
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments, const std::string& error_path) {
  int pipe_ends[2];
  EXPECT_EQ(pipe2(pipe_ends, O_CLOEXEC), 0);
  const int error = open(error_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  EXPECT_GE(error, 0) << error_path;
  pid_ = fork();
  if (pid_ == 0) RunChild(arguments, pipe_ends[1], error);
  EXPECT_GT(pid_, 0);
  close(pipe_ends[1]);
  close(error);
  output_ = pipe_ends[0];
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      buffer_(std::move(other.buffer_)) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    Close();
    pid_ = std::exchange(other.pid_, -1);
    output_ = std::exchange(other.output_, -1);
    buffer_ = std::move(other.buffer_);
  }
  return *this;
}

Process::~Process() { Close(); }

void Process::Close() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (output_ >= 0) close(output_);
  pid_ = -1;
  output_ = -1;
}

std::optional<std::string> Process::ReadLine(double seconds) {
  const auto deadline = DeadlineAfter(seconds);
  for (;;) {
    const size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    pollfd readable{output_, POLLIN, 0};
    if (poll(&readable, 1, MillisecondsUntil(deadline)) == 0) {
      ADD_FAILURE() << "no line of output within " << seconds << " s";
      return std::nullopt;
    }
    char chunk[65536];
    const ssize_t count = read(output_, chunk, sizeof(chunk));
    if (count <= 0)
      return buffer_.empty() ? std::nullopt : std::optional(std::exchange(buffer_, ""));
    buffer_.append(chunk, static_cast<size_t>(count));
  }
}

std::string Process::ReadAll(double seconds) {
  const auto deadline = DeadlineAfter(seconds);
  std::string all;
  while (const auto line = ReadLine(MillisecondsUntil(deadline) / 1000.0)) all += *line + "\n";
  return all;
}

void Process::Signal(int signal) {
  ASSERT_GT(pid_, 0);
  kill(pid_, signal);
}

int Process::Wait(double seconds) {
  const auto deadline = DeadlineAfter(seconds);
  for (;;) {
    int status = 0;
    const pid_t done = waitpid(pid_, &status, WNOHANG);
    if (done == pid_) {
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    if (Clock::now() >= deadline) {
      ADD_FAILURE() << "process " << pid_ << " still runs after " << seconds << " s";
      kill(pid_, SIGKILL);
      waitpid(pid_, &status, 0);
      pid_ = -1;
      return 128 + SIGKILL;
    }
    poll(nullptr, 0, 5);
  }
}

Finished RunToEnd(const std::vector<std::string>& arguments, double seconds) {
  std::string error_path = testing::TempDir() + "/caviar_error_XXXXXX";
  const int fd = mkstemp(error_path.data());
  EXPECT_GE(fd, 0);
  close(fd);
  Process process(arguments, error_path);
  Finished finished;
  finished.output = process.ReadAll(seconds);
  finished.exit_code = process.Wait(seconds);
  finished.error = ReadFile(error_path).value_or("");
  std::filesystem::remove(error_path);
  return finished;
}

}  // namespace caviar::e2e
