// A program started by this one, which ends when this one does.
//
// Threads:   one owner. The child gets SIGTERM when the thread that started it ends.
// Ownership: the destructor kills a child that still runs.
// Errors:    kNotFound … when the program cannot be started, naming it.
#ifndef CAVIAR_CLIENT_CLI_CHILD_PROCESS_H_
#define CAVIAR_CLIENT_CLI_CHILD_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace caviar::cli {

class ChildProcess {
 public:
  struct Options {
    std::string program;  // a path
    std::vector<std::string> arguments;
    std::string log_path;      // stderr, appended to
    bool pipe_stdout = false;  // else to the log as well
    bool has_input = false;    // that SendLine() feeds; else none
  };

  // In a process group of its own, so that Ctrl-C on the terminal reaches this program only.
  static absl::StatusOr<ChildProcess> Start(const Options& options);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  // With pipe_stdout: where its output can be read; owned by this object.
  int stdout_descriptor() const { return stdout_; }

  // With has_input: on its stdin. Nothing if it has ended.
  void SendLine(const std::string& line);
  // Nothing if it has ended.
  void Signal(int number);
  // How it ended, "exit code 2" or "signal 9"; empty while it runs. Does not wait.
  std::optional<std::string> Ended();

  // Waits until one of them has ended, but no longer than `longest` (an hour is the most).
  static void AwaitAnyEnd(const std::vector<ChildProcess*>& processes, absl::Duration longest);

 private:
  ChildProcess(pid_t pid, int stdin_descriptor, int stdout_descriptor)
      : pid_(pid), stdin_(stdin_descriptor), stdout_(stdout_descriptor) {}

  pid_t pid_ = -1;
  int stdin_ = -1;
  int stdout_ = -1;
  std::optional<std::string> ended_;
};

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_CHILD_PROCESS_H_
