#include "coordinator/engine/engine.h"

#include <utility>
#include <variant>

#include "common/status/check.h"
#include "coordinator/engine/assign_trials.h"
#include "coordinator/engine/early_end.h"
#include "coordinator/engine/engine_state.h"
#include "coordinator/engine/expire.h"
#include "coordinator/engine/job_life.h"
#include "coordinator/engine/on_user_asked.h"
#include "coordinator/engine/on_worker_said.h"
#include "coordinator/engine/point_ahead.h"
#include "coordinator/engine/restore.h"
#include "coordinator/engine/step_changes.h"

namespace caviar::engine {
namespace {

struct Apply {
  EngineState& state;

  void operator()(const UserAsked& asked) { OnUserAsked(state, asked); }
  void operator()(const DatasetImported& imported) { OnDatasetImported(state, imported); }
  void operator()(const WorkerSaid& said) { OnWorkerSaid(state, said); }
  void operator()(const SessionClosed& closed) { OnSessionClosed(state, closed); }
  void operator()(const DriverStalled&) {}  // before the deadlines
  void operator()(const PointProposed& proposed) { OnPointProposed(state, proposed); }
  void operator()(const RemainingAssessed& assessed) { OnRemainingAssessed(state, assessed); }
  void operator()(const TimePassed&) {}
};

}  // namespace

Engine::Engine(const EngineOptions& options) : state_(std::make_unique<EngineState>(options)) {
  CAVIAR_CHECK(options.heartbeat_interval > absl::ZeroDuration() &&
               options.lease > options.heartbeat_interval &&
               options.restart_grace >= absl::ZeroDuration());
}

Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

absl::StatusOr<Engine> Engine::Restore(const EngineOptions& options, Snapshot snapshot,
                                       absl::Time now) {
  Engine engine(options);
  const absl::Status status = RestoreState(*engine.state_, std::move(snapshot), now);
  if (!status.ok()) return status;
  return engine;
}

Effects Engine::Step(absl::Time now, const Event& event) {
  EngineState& state = *state_;
  CAVIAR_CHECK(now >= state.now) << absl::FormatTime(now) << " after "
                                 << absl::FormatTime(state.now);
  state.now = now;
  // Heartbeats that were sent while nobody listened are not heard yet: without this the leases
  // would run out first.
  if (const auto* stalled = std::get_if<DriverStalled>(&event)) state.leases.Shift(stalled->gap);
  Expire(state);
  std::visit(Apply{state}, event);

  // Indices: the lists grow while they are gone through.
  for (size_t i = 0; i < state.step.jobs.size(); ++i) EndAtTarget(state, *state.step.jobs[i]);
  for (size_t i = 0; i < state.step.jobs.size(); ++i) RefreshRunnable(state, *state.step.jobs[i]);
  AssignTrials(state);
  for (size_t i = 0; i < state.step.jobs.size(); ++i) SettleJob(state, *state.step.jobs[i]);
  for (Job* const job : state.step.jobs) {
    OrderPoint(state, *job);
    OrderAssessment(state, *job);
  }
  return FinishStep(state);
}

}  // namespace caviar::engine
