#include "coordinator/engine/budget.h"

#include <algorithm>

#include "common/status/check.h"

namespace caviar::engine {
namespace {

// Trials that may yet return epochs.
uint32_t Active(const Job& job) {
  return job.counts[v1::Trial::PENDING] + job.counts[v1::Trial::RUNNING] +
         (job.record.state() == v1::Job::PAUSED ? job.counts[v1::Trial::PAUSED] : job.held);
}

uint64_t RemainingEpochs(const Job& job) {
  CAVIAR_CHECK(job.reserved_epochs <= job.total_epochs())
      << "job " << job.id() << " reserved " << job.reserved_epochs << " of " << job.total_epochs()
      << " epochs";
  return job.total_epochs() - job.reserved_epochs;
}

bool IsClosed(const Job& job) {
  return job.trials.size() >= job.budget_trials() || !job.exhausted_reason.empty() ||
         job.record.wall_time_reached();
}

}  // namespace

std::optional<uint32_t> NextGrant(const Job& job) {
  const uint64_t remaining = RemainingEpochs(job);
  if (IsClosed(job) || remaining == 0) return std::nullopt;
  const uint32_t number = static_cast<uint32_t>(job.trials.size()) + 1;
  const uint32_t wanted = job.scheduler->FirstGrant(number);
  if (remaining >= wanted) return wanted;
  if (job.scheduler->GrantsByRung() || Active(job) > 0) return std::nullopt;
  return static_cast<uint32_t>(remaining);
}

bool MayCreateTrials(const Job& job) {
  if (job.scheduler->GrantsByRung()) return NextGrant(job).has_value();
  return !IsClosed(job) && (RemainingEpochs(job) > 0 || Active(job) > 0);
}

}  // namespace caviar::engine
