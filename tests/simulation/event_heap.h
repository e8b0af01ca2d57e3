// Virtual time: what is to happen, in order of (time, order of asking). The only clock of a
// simulation; nothing is skipped and nothing waits.
//
// Threads: one owner.
#ifndef CAVIAR_TESTS_SIMULATION_EVENT_HEAP_H_
#define CAVIAR_TESTS_SIMULATION_EVENT_HEAP_H_

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace caviar::simulation {

class EventHeap {
 public:
  using Action = std::function<void()>;

  absl::Time now() const { return now_; }
  bool empty() const { return heap_.empty(); }
  absl::Time next() const { return heap_.empty() ? absl::InfiniteFuture() : heap_.top().time; }
  uint64_t actions() const { return actions_; }

  // Not before now.
  void At(absl::Time time, Action action) {
    heap_.push({std::max(time, now_), ++asked_, std::move(action)});
  }
  void After(absl::Duration delay, Action action) { At(now_ + delay, std::move(action)); }

  // Requires: not empty.
  void RunNext() {
    Entry entry = std::move(const_cast<Entry&>(heap_.top()));
    heap_.pop();
    now_ = entry.time;
    ++actions_;
    entry.action();
  }

 private:
  struct Entry {
    absl::Time time;
    uint64_t order = 0;
    Action action;
    friend bool operator<(const Entry& a, const Entry& b) {
      return a.time != b.time ? a.time > b.time : a.order > b.order;  // smallest on top
    }
  };

  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  uint64_t asked_ = 0;
  uint64_t actions_ = 0;
  std::priority_queue<Entry> heap_;
};

}  // namespace caviar::simulation

#endif  // CAVIAR_TESTS_SIMULATION_EVENT_HEAP_H_
