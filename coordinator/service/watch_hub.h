// Wakes those who watch jobs. A watcher pulls what is new when it is ready for it, so it costs the
// same memory however slow it is, and what it missed meanwhile comes merged.
//
//   JobChanged notes the job, whose watchers this hub's thread then marks. A marked watcher that is
//   idle is asked to Pull, on that thread; until it says Pulled it is not asked again.
//
// Threads: thread-safe; calls watchers without its lock.
#ifndef CAVIAR_COORDINATOR_SERVICE_WATCH_HUB_H_
#define CAVIAR_COORDINATOR_SERVICE_WATCH_HUB_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sync/mutex.h"

namespace caviar::service {

class Watcher {
 public:
  virtual ~Watcher() = default;
  // Fetch and send what is new, then call WatchHub::Pulled. Must not block.
  virtual void Pull() = 0;
  virtual void Close(const absl::Status& why) = 0;
};

// How the watcher goes on after what it pulled was written.
enum class Next {
  kWhenChanged,  // it has everything
  kSoon,         // there may be more; within the pace
  kAtOnce,       // there is a backlog
};

class WatchHub {
 public:
  // A batch waits in memory for each watcher that reads slowly: ~100 KiB, so 100 MiB for all.
  static constexpr int kWatchersMax = 1024;
  // A watcher that keeps up pulls at most this often: each pull costs the driver some 10 us, and a
  // busy job changes with every commit, hundreds of times a second.
  static constexpr std::chrono::milliseconds kPace{50};

  enum class WatcherId : uint64_t {};

  explicit WatchHub(std::chrono::milliseconds pace = kPace);
  // Stops.
  ~WatchHub();

  // Joins and is marked at once. kResourceExhausted beyond kWatchersMax.
  absl::StatusOr<WatcherId> Add(uint32_t job, std::shared_ptr<Watcher> watcher);
  void Remove(WatcherId id);
  // Takes the same short time however many watch: the driver calls it. Of a job that has ended its
  // watchers hear at once, whatever the pace.
  void JobChanged(uint32_t job, bool has_ended);
  void Pulled(WatcherId id, Next next);
  // Every watcher is closed with this status, also those that join later.
  void CloseAll(const absl::Status& why);
  // Ends the thread. Watchers that are left are not called any more.
  void Stop();

 private:
  using Steady = std::chrono::steady_clock;
  struct Entry {
    uint32_t job = 0;
    std::shared_ptr<Watcher> watcher;
    bool is_marked = true;
    bool is_pulling = false;
    Steady::time_point not_before;
  };

  void Loop();
  // Marks the watchers of changed jobs. Then: marked, idle and due watchers, now pulling; `wait` is
  // the time until the next one is due.
  std::vector<std::shared_ptr<Watcher>> TakeDue(Steady::time_point now, Steady::duration& wait)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::chrono::milliseconds pace_;
  Mutex mutex_;
  CondVar changed_;
  uint64_t newest_ ABSL_GUARDED_BY(mutex_) = 0;
  // Ordered by age, so that nobody is passed over.
  std::map<WatcherId, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<uint32_t, absl::flat_hash_set<WatcherId>> of_job_ ABSL_GUARDED_BY(mutex_);
  // Still to be marked, and whether at once.
  absl::flat_hash_map<uint32_t, bool> changed_jobs_ ABSL_GUARDED_BY(mutex_);
  bool has_work_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status closed_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_WATCH_HUB_H_
