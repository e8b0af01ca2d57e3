#include "worker/runtime/slot_pool.h"

#include <utility>

#include "common/status/check.h"

namespace caviar::runtime {

SlotPool::SlotPool(int slots, AttemptRunner& runner, AttemptObserver& observer)
    : runner_(runner), observer_(observer) {
  CAVIAR_CHECK(slots > 0);
  for (int i = 0; i < slots; ++i) threads_.emplace_back([this] { RunSlot(); });
}

SlotPool::~SlotPool() {
  std::map<AttemptKey, std::shared_ptr<AttemptControl>> controls;
  {
    MutexLock lock(&mutex_);
    is_closing_ = true;
    waiting_.clear();
    has_work_.NotifyAll();
    controls = controls_;
  }
  for (const auto& [key, control] : controls) control->Stop(StopMode::kDrop);
  for (std::thread& thread : threads_) thread.join();
}

void SlotPool::Start(const v1::Assign& assign, uint32_t epoch_limit) {
  Job job{assign,
          std::make_shared<AttemptControl>(epoch_limit, !assign.checkpoint_digest().empty())};
  MutexLock lock(&mutex_);
  const bool is_new = controls_.emplace(KeyOf(assign.id()), job.control).second;
  CAVIAR_CHECK(is_new) << ToString(KeyOf(assign.id())) << " runs already";
  waiting_.push_back(std::move(job));
  has_work_.NotifyOne();
}

std::shared_ptr<AttemptControl> SlotPool::Find(const AttemptKey& key) {
  MutexLock lock(&mutex_);
  const auto found = controls_.find(key);
  return found == controls_.end() ? nullptr : found->second;
}

void SlotPool::SetEpochLimit(const AttemptKey& key, uint32_t epoch_limit) {
  if (const auto control = Find(key)) control->SetEpochLimit(epoch_limit);
}

void SlotPool::Stop(const AttemptKey& key, StopMode mode) {
  if (const auto control = Find(key)) control->Stop(mode);
}

void SlotPool::RunSlot() {
  for (;;) {
    Job job;
    {
      MutexLock lock(&mutex_);
      while (!is_closing_ && waiting_.empty()) has_work_.Wait(&mutex_);
      if (is_closing_) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
    }
    const AttemptKey key = KeyOf(job.assign.id());
    AttemptResult result = runner_.Run(job.assign, *job.control, observer_);
    {
      MutexLock lock(&mutex_);
      controls_.erase(key);
    }
    observer_.OnEnd(key, std::move(result));
  }
}

}  // namespace caviar::runtime
