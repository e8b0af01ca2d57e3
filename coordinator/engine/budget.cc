#include "coordinator/engine/budget.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
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
         job.record.is_ending();
}

// Whoever it is that gives the next point.
std::optional<uint32_t> GrantForNext(const Job& job) {
  const uint64_t remaining = RemainingEpochs(job);
  if (IsClosed(job) || remaining == 0) return std::nullopt;
  const uint32_t wanted = job.scheduler->FirstGrant(job.next_number());
  if (remaining >= wanted) return wanted;
  if (job.scheduler->GrantsByRung() || Active(job) > 0) return std::nullopt;
  return static_cast<uint32_t>(remaining);
}

}  // namespace

std::optional<uint32_t> NextGrant(const Job& job) {
  if (!job.sampler->Proposes(job.next_number(), job.added_trials)) return std::nullopt;
  return GrantForNext(job);
}

absl::StatusOr<std::vector<uint32_t>> GrantsForAdded(const Job& job, int count) {
  const uint64_t left = job.budget_trials() - job.trials.size();
  if (static_cast<uint64_t>(count) > left) {
    return absl::FailedPreconditionError(
        absl::StrCat("job ", job.id(), " has ", left, " of its ", job.budget_trials(),
                     " trials left, too few for ", count, "; make room first: caviar extend ",
                     job.id(), " --trials +", static_cast<uint64_t>(count) - left));
  }
  std::vector<uint32_t> grants;
  uint64_t wanted = 0;
  for (int i = 0; i < count; ++i) {
    grants.push_back(job.scheduler->FirstGrant(job.next_number() + static_cast<uint32_t>(i)));
    wanted += grants.back();
  }
  if (wanted > RemainingEpochs(job)) {
    return absl::FailedPreconditionError(
        absl::StrCat("job ", job.id(), " has ", RemainingEpochs(job), " of its ",
                     job.total_epochs(), " epochs left, and these trials need ", wanted,
                     " to begin with; make room first (caviar extend ", job.id(),
                     " --trials +N adds N times budget.epochs)"));
  }
  return grants;
}

bool MayCreateTrials(const Job& job) {
  if (job.scheduler->GrantsByRung()) return GrantForNext(job).has_value();
  // Points from outside get all of their epochs or none (GrantsForAdded).
  const bool waits_for_points = !job.sampler->Proposes(job.next_number(), job.added_trials);
  const uint64_t least = waits_for_points ? job.scheduler->FirstGrant(job.next_number()) : 1;
  return !IsClosed(job) && (RemainingEpochs(job) >= least || Active(job) > 0);
}

}  // namespace caviar::engine
