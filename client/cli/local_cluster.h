// One coordinator and some workers on this machine, as child processes: what `run` and `up` stand
// on. The same programs as on a cluster; only the addresses differ.
//
// A worker that ends unasked is started again (after a pause that grows), since its trials would
// otherwise wait for nobody; the coordinator is not, since its end has a reason for a person. Nor
// are workers none of which can be started at all.
//
// Threads:   Kill() from any thread; all else on the one that called Start().
// Ownership: the destructor stops everything.
// Errors:    kFailedPrecondition with the coordinator's own words when it refuses to start (its
//            directory is in use, its port taken); kNotFound when the programs are not there.
#ifndef CAVIAR_CLIENT_CLI_LOCAL_CLUSTER_H_
#define CAVIAR_CLIENT_CLI_LOCAL_CLUSTER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/cli/child_process.h"
#include "common/sync/mutex.h"

namespace caviar::cli {

class LocalCluster {
 public:
  struct Options {
    // The coordinator's directory; the workers' caches are in workers/ and all logs in logs/ there.
    // Created if missing, and then removed again if the services cannot be started.
    std::string directory;
    int workers = 1;
    std::string listen = "127.0.0.1:0";
    std::vector<std::string> coordinator_arguments;  // further ones
    std::string log_level = "info";                  // of the children
    // Where caviar-coordinator and caviar-worker are; empty: beside this program, else on PATH.
    std::string programs;
    // How long workers may go on ending as soon as they are started, all of them, before it is
    // clear that none ever will run. Longer than a worker of an earlier run takes to end.
    absl::Duration worker_start_patience = absl::Seconds(30);
    // Called once, from another thread, when Health() is no longer OK.
    std::function<void()> on_lost = [] {};
  };

  // Returns once the coordinator listens.
  static absl::StatusOr<std::unique_ptr<LocalCluster>> Start(const Options& options);
  ~LocalCluster();

  // HOST:PORT, as the coordinator printed it.
  const std::string& address() const { return address_; }
  const std::string& log_directory() const { return log_directory_; }

  // Why the cluster cannot go on: OK while the coordinator runs and a worker does or may yet.
  absl::Status Health();

  // SIGTERM to the workers: they have nothing to do any more and are not started again. Does not
  // wait.
  void DismissWorkers();
  // SIGTERM to the workers, which hand back what they train, then to the coordinator; waits. What
  // takes too long is killed, and workers at once when there is no coordinator to hand back to.
  void Stop();
  // Stop() without patience, also one that is under way.
  void Kill();

 private:
  struct WorkerSlot {
    std::optional<ChildProcess> process;
    // Seconds, see SecondsNow() in the .cc.
    double started_at = 0;
    double retry_at = 0;
    // Ends since it last ran for a while: the pause before the next start grows with them.
    int ends = 0;
    // Ends right after the start, one after the other, and when they began.
    int failed_starts = 0;
    double failing_since = 0;
    uint64_t log_start = 0;  // of this start, in its log
  };

  explicit LocalCluster(const Options& options);
  absl::Status StartServices();
  absl::Status StartCoordinator();
  absl::Status AwaitCoordinator();
  // It waits for the coordinator's address, unless that is known.
  absl::Status StartWorker(int number);
  void Supervise();
  void RestartWorkers();
  void NoteEnd(int number, const std::string& how);
  // Why no worker will ever run; OK while one does or may yet.
  absl::Status WorkersHealth() const;
  // The first thing that ends the cluster.
  void Lose(const absl::Status& why);
  std::string CoordinatorLog() const;
  std::string WorkerLog(int number) const;
  void StopProcesses();
  void SignalWorkers();
  std::vector<ChildProcess*> RunningWorkers();
  // Waits for the processes to end, at most for `seconds`, then kills those that have not.
  void WaitOrKill(std::vector<ChildProcess*> processes, double seconds);

  const Options options_;
  std::string log_directory_;
  std::string address_;  // empty until the coordinator listens
  std::string coordinator_program_, worker_program_;
  uint64_t coordinator_log_start_ = 0;  // where this one's part of the log begins
  std::atomic<bool> is_killed_ = false;

  Mutex mutex_;
  CondVar stopping_;
  bool is_stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // DismissWorkers() was called, and the supervisor has not seen it yet.
  bool is_dismissing_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status health_ ABSL_GUARDED_BY(mutex_);

  // The supervisor's while it runs.
  std::optional<ChildProcess> coordinator_;
  std::vector<WorkerSlot> workers_;
  bool are_workers_dismissed_ = false;
  std::thread supervisor_;
};

// The path of a program that belongs to this one: in `directory` if given, else beside this
// program, else on PATH.
absl::StatusOr<std::string> FindProgram(const std::string& name, const std::string& directory);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_LOCAL_CLUSTER_H_
