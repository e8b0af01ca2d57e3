#include "coordinator/engine/warm_start.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/queries.h"
#include "coordinator/search/job_limits.h"
#include "coordinator/search/transfer_point.h"

namespace caviar::engine {
namespace {

// Of a source's share.
constexpr size_t kInfeasibleDivisor = 10;

// Trials of the source that come into question, by number: at most `share` completed ones.
std::vector<const v1::TrialRecord*> Candidates(const Job& source, uint64_t sequence, size_t share) {
  std::vector<const v1::TrialRecord*> completed, infeasible;
  for (const Trial& trial : source.trials) {
    const v1::TrialRecord& record = trial.record;
    if (IsLive(record.state()) || record.ended_at_sequence() > sequence) continue;
    if (record.state() == v1::Trial::INFEASIBLE) infeasible.push_back(&record);
    const bool counts = record.state() == v1::Trial::COMPLETED && record.has_value();
    if (counts && std::isfinite(record.value())) completed.push_back(&record);
  }
  if (completed.size() > share) {
    const v1::Objective::Direction direction = source.spec().objective().direction();
    std::nth_element(completed.begin(), completed.begin() + static_cast<std::ptrdiff_t>(share),
                     completed.end(), [direction](const auto* a, const auto* b) {
                       if (a->value() != b->value()) {
                         return IsBetter(direction, a->value(), b->value());
                       }
                       return a->number() < b->number();
                     });
    completed.resize(share);
  }
  const size_t bad = std::min(infeasible.size(), share / kInfeasibleDivisor);
  completed.insert(completed.end(), infeasible.end() - static_cast<std::ptrdiff_t>(bad),
                   infeasible.end());
  std::sort(completed.begin(), completed.end(),
            [](const auto* a, const auto* b) { return a->number() < b->number(); });
  return completed;
}

// Adds those that are points of this job too; returns how many are not.
uint32_t Take(const search::Space& space, const v1::JobSpec& spec, const Job& source,
              uint64_t sequence, int sources, std::vector<Prior>& priors) {
  uint32_t dropped = 0;
  const size_t share = search::kPriorsMax / static_cast<size_t>(sources);
  for (const v1::TrialRecord* const record : Candidates(source, sequence, share)) {
    std::optional<search::Point> point =
        search::TransferPoint(space, spec.fixed(), record->point(), source.spec().fixed());
    if (!point.has_value()) {
      ++dropped;
      continue;
    }
    std::optional<double> value;
    if (record->state() == v1::Trial::COMPLETED) value = record->value();
    priors.push_back({*std::move(point), value});
  }
  return dropped;
}

std::string ObjectiveText(const v1::Objective& objective) {
  return absl::StrCat(absl::AsciiStrToLower(v1::Objective::Direction_Name(objective.direction())),
                      "s ", objective.metric());
}

bool SameObjective(const v1::Objective& a, const v1::Objective& b) {
  return a.metric() == b.metric() && a.direction() == b.direction();
}

absl::Status CheckSources(const EngineState& state, const Job& job) {
  for (const v1::WarmStartSource& source : job.record.warm_start_sources()) {
    if (state.FindJob(source.job()) != nullptr) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("job ", job.id(), " (", job.spec().name(), ") learnt from job ", source.job(),
                     " (warm_start), which was deleted; submit a new job"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ResolveWarmStart(const EngineState& state, v1::JobRecord& record) {
  const v1::JobSpec& spec = record.spec();
  if (spec.warm_start().empty()) return absl::OkStatus();
  CAVIAR_ASSIGN_OR_RETURN(const search::Space space, search::Space::Create(spec));
  std::set<uint32_t> seen;
  for (int i = 0; i < spec.warm_start_size(); ++i) {
    const std::string path = absl::StrCat("warm_start[", i, "]: ");
    const absl::StatusOr<uint32_t> id = ResolveJob(state, spec.warm_start(i));
    if (!id.ok())
      return absl::Status(id.status().code(), absl::StrCat(path, id.status().message()));
    const Job& source = *state.FindJob(*id);
    const std::string label = absl::StrCat("job ", *id, " (", source.spec().name(), ")");
    if (!seen.insert(*id).second) {
      return absl::InvalidArgumentError(absl::StrCat(path, "names ", label, " a second time"));
    }
    if (!SameObjective(source.spec().objective(), spec.objective())) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, label, " ", ObjectiveText(source.spec().objective()), ", this job ",
                       ObjectiveText(spec.objective()), ": their values cannot be compared"));
    }
    v1::WarmStartSource& taken = *record.add_warm_start_sources();
    taken.set_job(*id);
    taken.set_sequence(source.record.sequence());
    std::vector<Prior> priors;
    taken.set_dropped(Take(space, spec, source, taken.sequence(), spec.warm_start_size(), priors));
    taken.set_taken(static_cast<uint32_t>(priors.size()));
    if (!priors.empty()) continue;
    record.add_warnings(absl::StrCat(path, "nothing is learnt from ", label, ": ",
                                     taken.dropped() == 0
                                         ? std::string("none of its trials has completed")
                                         : absl::StrCat("none of its ", taken.dropped(),
                                                        " trials is a point of this job's space")));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Prior>> PriorsOf(const EngineState& state, const Job& job) {
  std::vector<Prior> priors;
  if (job.record.warm_start_sources().empty()) return priors;
  CAVIAR_RETURN_IF_ERROR(CheckSources(state, job));
  CAVIAR_ASSIGN_OR_RETURN(const search::Space space, search::Space::Create(job.spec()));
  for (const v1::WarmStartSource& source : job.record.warm_start_sources()) {
    Take(space, job.spec(), *state.FindJob(source.job()), source.sequence(),
         job.record.warm_start_sources_size(), priors);
  }
  return priors;
}

const Job* LearnerFrom(const EngineState& state, uint32_t source) {
  for (const auto& [id, job] : state.jobs) {
    if (job->has_ended()) continue;
    for (const v1::WarmStartSource& taken : job->record.warm_start_sources()) {
      if (taken.job() == source) return job.get();
    }
  }
  return nullptr;
}

}  // namespace caviar::engine
