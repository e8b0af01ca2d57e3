// A few threads that run tasks in the order in which they were given; with one thread, one after
// the other.
//
// Four of them serve the coordinator. `delivery` (one thread) takes writes to the network off the
// driver's thread, so that a step never pays for a system call. `io` reads and writes artifacts:
// a sync takes milliseconds, and gRPC has only cores/2 threads (at least two) for the callbacks and
// the polling of all connections. `analysis` (one thread) computes what takes up to seconds, one
// answer at a time, so that it neither holds up artifacts nor takes more than one core from trials.
// `thinking` (one thread) is the same for what the engine asks of itself: no user's question makes
// a worker wait for its next point.
//
// Threads: thread-safe.
// Bounds:  none of its own; each call or stream has at most one task waiting here, each job a few
//          thoughts.
#ifndef CAVIAR_COORDINATOR_SERVICE_TASK_POOL_H_
#define CAVIAR_COORDINATOR_SERVICE_TASK_POOL_H_

#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "common/sync/mutex.h"

namespace caviar::service {

class TaskPool {
 public:
  using Task = absl::AnyInvocable<void()>;

  // Requires: threads > 0.
  explicit TaskPool(int threads);
  // Stops.
  ~TaskPool();

  // After Stop the task is dropped.
  void Run(Task task);
  // Runs what is waiting, then ends the threads.
  void Stop();

 private:
  void Work();

  Mutex mutex_;
  CondVar changed_;
  std::deque<Task> waiting_ ABSL_GUARDED_BY(mutex_);
  bool is_stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_TASK_POOL_H_
