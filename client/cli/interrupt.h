// Ctrl-C and SIGTERM as calls: the first asks for a clean end, the second for an end at once.
//
// By a handler and a pipe, not by masks and sigwait: libraries start threads before main, which
// would take the signal instead.
//
// Threads: the callbacks run on a thread of this object; at most one object lives at a time.
#ifndef CAVIAR_CLIENT_CLI_INTERRUPT_H_
#define CAVIAR_CLIENT_CLI_INTERRUPT_H_

#include <atomic>
#include <functional>
#include <thread>

namespace caviar::cli {

class Interrupt {
 public:
  Interrupt(std::function<void()> on_first, std::function<void()> on_second);
  // Signals end the process again, as before.
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // The first signal that came; 0 if none has.
  int signal() const { return signal_; }

 private:
  void Run();

  const std::function<void()> on_first_;
  const std::function<void()> on_second_;
  std::atomic<int> signal_ = 0;
  std::thread thread_;
};

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_INTERRUPT_H_
