#include "coordinator/engine/job_view.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace caviar::engine {
namespace {

v1::TrialCounts CountsOf(const Job& job) {
  v1::TrialCounts counts;
  counts.set_created(static_cast<uint32_t>(job.trials.size()));
  counts.set_pending(job.counts[v1::Trial::PENDING]);
  counts.set_running(job.counts[v1::Trial::RUNNING]);
  counts.set_paused(job.counts[v1::Trial::PAUSED]);
  counts.set_completed(job.counts[v1::Trial::COMPLETED]);
  counts.set_pruned(job.counts[v1::Trial::PRUNED]);
  counts.set_infeasible(job.counts[v1::Trial::INFEASIBLE]);
  counts.set_failed(job.counts[v1::Trial::FAILED]);
  counts.set_cancelled(job.counts[v1::Trial::CANCELLED]);
  return counts;
}

}  // namespace

v1::Job JobView(const Job& job) {
  const v1::JobRecord& record = job.record;
  v1::Job view;
  view.set_id(record.id());
  view.set_name(record.spec().name());
  view.set_state(record.state());
  view.set_reason(record.reason());
  *view.mutable_spec() = record.spec();
  *view.mutable_trials() = CountsOf(job);
  view.set_epochs_done(static_cast<uint32_t>(
      std::min<uint64_t>(job.epochs_done, std::numeric_limits<uint32_t>::max())));
  view.set_epochs_repeated(record.epochs_repeated());
  if (!job.leaderboard.empty()) {
    view.set_best_trial(job.leaderboard.best());
    view.set_best_value(job.trial(job.leaderboard.best()).record.value());
  }
  if (record.has_created_at()) *view.mutable_created_at() = record.created_at();
  if (record.has_started_at()) *view.mutable_started_at() = record.started_at();
  if (record.has_ended_at()) *view.mutable_ended_at() = record.ended_at();
  *view.mutable_warnings() = record.warnings();
  *view.mutable_zoom_rounds() = record.zoom_rounds();
  view.set_sampler_choice(record.sampler_choice());
  *view.mutable_warm_start_sources() = record.warm_start_sources();
  *view.mutable_rungs() = record.rungs();
  if (job.scheduler != nullptr) {
    for (v1::RungProgress& rung : job.scheduler->Rungs()) *view.add_rungs() = std::move(rung);
  }
  if (record.has_origin()) *view.mutable_origin() = record.origin();
  return view;
}

v1::Trial TrialView(const Trial& trial) {
  const v1::TrialRecord& record = trial.record;
  v1::Trial view;
  view.set_number(record.number());
  view.set_state(record.state());
  *view.mutable_point() = record.point();
  if (record.has_value()) {
    view.set_value(record.value());
    view.set_best_epoch(record.best_epoch());
    *view.mutable_metrics() = record.metrics();
  }
  view.set_epochs(record.epochs_high());
  view.set_seconds(record.seconds());
  view.set_worker(record.worker_name());
  view.set_attempt(record.attempt());
  view.set_reason(record.reason());
  *view.mutable_adjustments() = record.adjustments();
  if (record.has_next_adjustment()) *view.mutable_next_adjustment() = record.next_adjustment();
  view.set_is_held(record.is_held());
  return view;
}

v1::Worker WorkerView(const Worker& worker) {
  v1::Worker view;
  view.set_id(worker.id);
  view.set_name(worker.name);
  view.set_state(!worker.session.has_value() ? v1::Worker::DISCONNECTED
                 : worker.is_draining        ? v1::Worker::DRAINING
                                             : v1::Worker::CONNECTED);
  view.set_slots(worker.slots);
  // More while it has not yet said again, after a reconnect, what of them is trained.
  view.set_busy_slots(std::min(worker.busy(), worker.slots));
  view.set_hardware(worker.hardware);
  view.set_version(worker.version);
  if (worker.last_seen != absl::InfinitePast()) {
    *view.mutable_last_seen_at() = TimestampOf(worker.last_seen);
  }
  return view;
}

google::protobuf::Timestamp TimestampOf(absl::Time time) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return timestamp;
}

absl::Time TimeOf(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

}  // namespace caviar::engine
