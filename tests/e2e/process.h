// A child process with its standard output read line by line: what end-to-end tests drive the real
// binaries with. Its standard error goes to a file, shown when a test fails.
//
// Threads:   thread-compatible.
// Lifetime:  a child still running when its Process dies is killed and reaped, and the kernel kills
// it
//            if the test itself dies.
#ifndef CAVIAR_TESTS_E2E_PROCESS_H_
#define CAVIAR_TESTS_E2E_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace caviar::e2e {

class Process {
 public:
  // Runs `arguments[0]`, found in the build's bin directory unless it holds a slash.
  // `error_path`: where its standard error is appended.
  Process(const std::vector<std::string>& arguments, const std::string& error_path);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  // The next line of standard output without its end; nullopt at the end of output, or (with a test
  // failure) when none comes within `seconds`.
  std::optional<std::string> ReadLine(double seconds);
  // Everything up to the end of output.
  std::string ReadAll(double seconds);

  void Signal(int signal);
  // Exit code, or 128 + the signal that ended it. A test failure, and SIGKILL, after `seconds`.
  int Wait(double seconds);

  pid_t pid() const { return pid_; }

 private:
  void Close();

  pid_t pid_ = -1;
  int output_ = -1;
  std::string buffer_;
};

// Runs to the end and hands back what came out.
struct Finished {
  int exit_code = 0;
  std::string output;
  std::string error;
};
Finished RunToEnd(const std::vector<std::string>& arguments, double seconds = 120);

}  // namespace caviar::e2e

#endif  // CAVIAR_TESTS_E2E_PROCESS_H_
