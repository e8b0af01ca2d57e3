#include "tests/integration/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/status/check.h"

extern char** environ;

namespace caviar {

ChildProcess::ChildProcess(const std::vector<std::string>& arguments) {
  int output[2];
  CAVIAR_CHECK(pipe2(output, O_CLOEXEC) == 0) << strerror(errno);
  output_fd_ = output[0];
  errors_fd_ = memfd_create("stderr", MFD_CLOEXEC);
  CAVIAR_CHECK(errors_fd_ >= 0) << strerror(errno);

  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors_fd_, STDERR_FILENO);
  const int error = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(output[1]);
  CAVIAR_CHECK(error == 0) << argv[0] << ": " << strerror(error);
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    Signal(SIGKILL);
    Wait();
  }
  close(output_fd_);
  close(errors_fd_);
}

std::string ChildProcess::ReadLine() {
  std::string line;
  char byte = 0;
  while (read(output_fd_, &byte, 1) == 1 && byte != '\n') line.push_back(byte);
  return line;
}

void ChildProcess::Signal(int signal) { kill(pid_, signal); }

int ChildProcess::Wait() {
  int status = 0;
  CAVIAR_CHECK(waitpid(pid_, &status, 0) == pid_) << strerror(errno);
  pid_ = -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string ChildProcess::RestOfOutput() {
  std::string rest;
  char bytes[4096];
  for (ssize_t count = 0; (count = read(output_fd_, bytes, sizeof(bytes))) > 0;) {
    rest.append(bytes, static_cast<size_t>(count));
  }
  return rest;
}

std::string ChildProcess::Errors() {
  std::string errors;
  char bytes[4096];
  lseek(errors_fd_, 0, SEEK_SET);
  for (ssize_t count = 0; (count = read(errors_fd_, bytes, sizeof(bytes))) > 0;) {
    errors.append(bytes, static_cast<size_t>(count));
  }
  return errors;
}

}  // namespace caviar
