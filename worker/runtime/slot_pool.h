// The worker's slots: so many threads, each running one attempt at a time.
//
// Threads:   thread-safe. The observer is called from the slots' threads.
// Ownership: runner and observer must outlive the pool. Destruction drops what still runs and waits
//            for the slots to notice, within a mini-batch.
#ifndef CAVIAR_WORKER_RUNTIME_SLOT_POOL_H_
#define CAVIAR_WORKER_RUNTIME_SLOT_POOL_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "caviar/v1/worker_service.pb.h"
#include "common/sync/mutex.h"
#include "worker/runtime/attempt.h"
#include "worker/runtime/attempt_control.h"
#include "worker/runtime/attempt_runner.h"

namespace caviar::runtime {

class SlotPool {
 public:
  // Requires: slots > 0.
  SlotPool(int slots, AttemptRunner& runner, AttemptObserver& observer);
  ~SlotPool();
  SlotPool(const SlotPool&) = delete;
  SlotPool& operator=(const SlotPool&) = delete;

  // Runs it as soon as a slot is free, at once if the caller counts slots. Requires: the key is not
  // running.
  void Start(const v1::Assign& assign, uint32_t epoch_limit);
  // For an attempt that has ended these do nothing.
  void SetEpochLimit(const AttemptKey& key, uint32_t epoch_limit);
  void Stop(const AttemptKey& key, StopMode mode);

 private:
  struct Job {
    v1::Assign assign;
    std::shared_ptr<AttemptControl> control;
  };

  void RunSlot();
  std::shared_ptr<AttemptControl> Find(const AttemptKey& key);

  AttemptRunner& runner_;
  AttemptObserver& observer_;
  Mutex mutex_;
  CondVar has_work_;
  bool is_closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Job> waiting_ ABSL_GUARDED_BY(mutex_);
  std::map<AttemptKey, std::shared_ptr<AttemptControl>> controls_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace caviar::runtime

#endif  // CAVIAR_WORKER_RUNTIME_SLOT_POOL_H_
