#include "coordinator/service/idle_limit.h"

#include <grpcpp/alarm.h>

#include <chrono>
#include <utility>

namespace caviar::service {

std::shared_ptr<IdleLimit> IdleLimit::Start(absl::Duration limit, std::function<void()> on_idle) {
  std::shared_ptr<IdleLimit> idle(new IdleLimit(limit, std::move(on_idle)));
  MutexLock lock(&idle->mutex_);
  idle->Arm();
  return idle;
}

IdleLimit::IdleLimit(absl::Duration limit, std::function<void()> on_idle)
    : limit_(limit), on_idle_(std::move(on_idle)) {}

IdleLimit::~IdleLimit() = default;

void IdleLimit::Touch() {
  MutexLock lock(&mutex_);
  was_touched_ = true;
}

void IdleLimit::Stop() {
  std::function<void()> last;  // dies after the lock is given back: it may own a caller
  MutexLock lock(&mutex_);
  last = std::move(on_idle_);
  on_idle_ = nullptr;
  alarm_.reset();
}

void IdleLimit::Arm() {
  was_touched_ = false;
  // One alarm rings once. gRPC turns the time into a monotonic one at once.
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(std::chrono::system_clock::now() + absl::ToChronoMicroseconds(limit_),
              [self = weak_from_this()](bool rang) {
                const std::shared_ptr<IdleLimit> idle = self.lock();
                if (rang && idle != nullptr) idle->OnAlarm();
              });
}

void IdleLimit::OnAlarm() {
  std::function<void()> on_idle;
  {
    MutexLock lock(&mutex_);
    if (on_idle_ == nullptr) return;
    if (was_touched_) return Arm();
    on_idle = std::exchange(on_idle_, nullptr);
  }
  on_idle();
}

}  // namespace caviar::service
