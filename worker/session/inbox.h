// The session driver's inbox: events from the link, the slots and the uploads, in one bounded
// queue. A full inbox makes the sender wait, which slows training down rather than grow memory.
//
// Threads: thread-safe; one taker.
#ifndef CAVIAR_WORKER_SESSION_INBOX_H_
#define CAVIAR_WORKER_SESSION_INBOX_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/sync/mutex.h"
#include "worker/session/session_events.h"

namespace caviar::session {

class Inbox {
 public:
  // Many times what a busy worker has in flight at once.
  static constexpr size_t kEventsMax = 1024;

  // Waits while the inbox is full. False, and the event is gone, once the inbox is closed.
  bool Post(Event event) {
    {
      MutexLock lock(&mutex_);
      while (events_.size() >= kEventsMax && !is_closed_) has_room_.Wait(&mutex_);
      if (is_closed_) return false;
      events_.push_back(std::move(event));
    }
    has_events_.NotifyOne();
    return true;
  }

  // Everything there is; waits up to `wait` for something to be there.
  std::vector<Event> TakeAll(absl::Duration wait) {
    std::vector<Event> taken;
    MutexLock lock(&mutex_);
    if (events_.empty() && wait > absl::ZeroDuration()) has_events_.WaitFor(&mutex_, wait);
    taken.swap(events_);
    has_room_.NotifyAll();
    return taken;
  }

  // Nobody takes any more: senders must not wait.
  void Close() {
    MutexLock lock(&mutex_);
    is_closed_ = true;
    events_.clear();
    has_room_.NotifyAll();
  }

 private:
  Mutex mutex_;
  CondVar has_events_;
  CondVar has_room_;
  bool is_closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Event> events_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_INBOX_H_
