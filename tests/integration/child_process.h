// A program of ours as a child process: its output, a signal to it, its end.
//
// Threads:   one owner.
// Ownership: a child that still runs is killed with its handle.
#ifndef CAVIAR_TESTS_INTEGRATION_CHILD_PROCESS_H_
#define CAVIAR_TESTS_INTEGRATION_CHILD_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace caviar {

class ChildProcess {
 public:
  // `arguments[0]` is the program's path.
  explicit ChildProcess(const std::vector<std::string>& arguments);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Waits for the next line of stdout, without its end; empty at the end of output.
  std::string ReadLine();
  void Signal(int signal);
  // Waits for the end: the exit code, or 128 + the signal that ended it.
  int Wait();
  // What is left of stdout, and all of stderr. Call after Wait.
  std::string RestOfOutput();
  std::string Errors();

 private:
  pid_t pid_ = -1;
  int output_fd_ = -1;
  // stderr goes to an unnamed file, so that it is never full.
  int errors_fd_ = -1;
};

}  // namespace caviar

#endif  // CAVIAR_TESTS_INTEGRATION_CHILD_PROCESS_H_
