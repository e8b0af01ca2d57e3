#include "coordinator/driver/driver_core.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/status/check.h"
#include "common/status/status_macros.h"

namespace caviar::driver {

DriverCore::DriverCore(StepFunction step, store::Store& store, Sink& sink, absl::Time start,
                       const Options& options)
    : step_(std::move(step)),
      store_(store),
      sink_(sink),
      options_(options),
      last_run_(start),
      last_step_(start),
      next_deadline_(start),  // unknown until the first step, which is therefore due at once
      erase_at_(start) {      // the process before may have left something
  CAVIAR_CHECK(options_.batch_inputs_max > 0);
}

absl::Status DriverCore::RunOnce(absl::Time now, std::span<const Input> inputs) {
  CAVIAR_CHECK(now >= last_run_) << "time went backwards";
  if (now - wake_time() > options_.stall_min) {
    Step(last_step_, engine::DriverStalled{now - last_run_});
    // No lease is due now. Other deadlines may be: before the inputs, or they would hold back the
    // time at which the inputs are heard, and the leases that those renew would end at once.
    if (next_deadline_ <= now) Step(now, engine::TimePassed{});
  }
  last_run_ = now;
  while (!inputs.empty()) {
    const auto count = std::min(inputs.size(), static_cast<size_t>(options_.batch_inputs_max));
    for (const Input& input : inputs.first(count)) {
      if (const auto* event = std::get_if<engine::Event>(&input)) {
        Step(TimeOfInput(now), *event);
      } else {
        releases_.emplace_back(std::get<Question>(input));
      }
    }
    inputs = inputs.subspan(count);
    if (!inputs.empty()) CAVIAR_RETURN_IF_ERROR(CommitAndRelease());
  }
  if (next_deadline_ <= now) Step(now, engine::TimePassed{});
  CAVIAR_RETURN_IF_ERROR(CommitAndRelease());
  return EraseDeleted(now);
}

absl::Time DriverCore::wake_time() const {
  return std::min({next_deadline_, erase_at_, last_run_ + options_.tick});
}

absl::Time DriverCore::TimeOfInput(absl::Time now) const {
  return std::max(last_step_, std::min(now, next_deadline_ - absl::Nanoseconds(1)));
}

void DriverCore::Step(absl::Time now, const engine::Event& event) {
  engine::Effects effects = step_(now, event);
  last_step_ = now;
  next_deadline_ = effects.next_deadline;
  std::move(effects.writes.begin(), effects.writes.end(), std::back_inserter(writes_));
  std::move(effects.sends.begin(), effects.sends.end(), std::back_inserter(releases_));
}

absl::Status DriverCore::CommitAndRelease() {
  if (!writes_.empty()) CAVIAR_RETURN_IF_ERROR(store_.Commit(writes_));
  const bool deletes_job = std::any_of(writes_.begin(), writes_.end(), [](const auto& write) {
    return std::holds_alternative<engine::DeleteJobRecord>(write);
  });
  if (deletes_job) erase_at_ = std::min(erase_at_, last_run_ + options_.erase_pause);
  writes_.clear();
  for (Release& release : releases_) {
    if (auto* send = std::get_if<engine::Send>(&release)) {
      ReleaseSend(std::move(*send));
    } else {
      std::get<Question>(release)();
    }
  }
  releases_.clear();
  changed_jobs_.clear();
  return absl::OkStatus();
}

void DriverCore::ReleaseSend(engine::Send send) {
  const auto* changed = std::get_if<engine::JobChanged>(&send);
  if (changed != nullptr && !changed_jobs_.insert(changed->job).second && !changed->has_ended) {
    return;
  }
  sink_.Release(std::move(send));
}

absl::Status DriverCore::EraseDeleted(absl::Time now) {
  if (now < erase_at_) return absl::OkStatus();
  CAVIAR_ASSIGN_OR_RETURN(const bool has_more, store_.EraseDeleted());
  erase_at_ = has_more ? now + options_.erase_pause : absl::InfiniteFuture();
  return absl::OkStatus();
}

}  // namespace caviar::driver
