#include "coordinator/service/watch_hub.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace caviar::service {

WatchHub::WatchHub(std::chrono::milliseconds pace) : pace_(pace), thread_([this] { Loop(); }) {}

WatchHub::~WatchHub() { Stop(); }

absl::StatusOr<WatchHub::WatcherId> WatchHub::Add(uint32_t job, std::shared_ptr<Watcher> watcher) {
  MutexLock lock(&mutex_);
  if (!closed_.ok()) return closed_;
  if (entries_.size() >= kWatchersMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat("there are ", kWatchersMax, " watchers already; end one or try again later"));
  }
  const WatcherId id{++newest_};
  entries_.emplace(id, Entry{.job = job, .watcher = std::move(watcher), .not_before = {}});
  of_job_[job].insert(id);
  has_work_ = true;
  changed_.NotifyOne();
  return id;
}

void WatchHub::Remove(WatcherId id) {
  std::shared_ptr<Watcher> last;  // dies after the lock is given back
  MutexLock lock(&mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  const auto job = of_job_.find(found->second.job);
  job->second.erase(id);
  if (job->second.empty()) of_job_.erase(job);
  last = std::move(found->second.watcher);
  entries_.erase(found);
}

void WatchHub::JobChanged(uint32_t job, bool has_ended) {
  MutexLock lock(&mutex_);
  if (!of_job_.contains(job)) return;
  const auto [known, is_new] = changed_jobs_.emplace(job, has_ended);
  if (!is_new && (known->second || !has_ended)) return;
  known->second = has_ended;
  has_work_ = true;
  changed_.NotifyOne();
}

void WatchHub::Pulled(WatcherId id, Next next) {
  MutexLock lock(&mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.is_pulling = false;
  if (next != Next::kWhenChanged) entry.is_marked = true;
  if (next == Next::kAtOnce) entry.not_before = {};
  if (!entry.is_marked) return;
  has_work_ = true;
  changed_.NotifyOne();
}

void WatchHub::CloseAll(const absl::Status& why) {
  std::vector<std::shared_ptr<Watcher>> watchers;
  {
    MutexLock lock(&mutex_);
    closed_ = why;
    for (const auto& [id, entry] : entries_) watchers.push_back(entry.watcher);
  }
  for (const auto& watcher : watchers) watcher->Close(why);
}

void WatchHub::Stop() {
  {
    MutexLock lock(&mutex_);
    is_stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void WatchHub::Loop() {
  while (true) {
    std::vector<std::shared_ptr<Watcher>> due;
    {
      MutexLock lock(&mutex_);
      Steady::duration wait = std::chrono::hours(1);
      due = TakeDue(Steady::now(), wait);
      while (due.empty() && !is_stopping_) {
        if (!has_work_) changed_.WaitFor(&mutex_, absl::FromChrono(wait));
        has_work_ = false;
        wait = std::chrono::hours(1);
        due = TakeDue(Steady::now(), wait);
      }
      if (is_stopping_) return;
    }
    for (const auto& watcher : due) watcher->Pull();
  }
}

std::vector<std::shared_ptr<Watcher>> WatchHub::TakeDue(Steady::time_point now,
                                                        Steady::duration& wait) {
  for (const auto& [job, at_once] : changed_jobs_) {
    const auto found = of_job_.find(job);
    if (found == of_job_.end()) continue;
    for (const WatcherId id : found->second) {
      Entry& entry = entries_.at(id);
      entry.is_marked = true;
      if (at_once) entry.not_before = {};
    }
  }
  changed_jobs_.clear();
  std::vector<std::shared_ptr<Watcher>> due;
  for (auto& [id, entry] : entries_) {
    if (!entry.is_marked || entry.is_pulling) continue;
    if (entry.not_before > now) {
      wait = std::min(wait, entry.not_before - now);
      continue;
    }
    entry.is_marked = false;
    entry.is_pulling = true;
    entry.not_before = now + pace_;
    due.push_back(entry.watcher);
  }
  return due;
}

}  // namespace caviar::service
