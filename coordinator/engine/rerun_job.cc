#include "coordinator/engine/rerun_job.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/random/rng.h"
#include "common/status/status_macros.h"
#include "common/text/name.h"
#include "coordinator/engine/job_view.h"
#include "coordinator/engine/new_job.h"
#include "coordinator/engine/queries.h"
#include "coordinator/engine/step_changes.h"
#include "coordinator/search/expand_job.h"
#include "coordinator/search/space.h"

namespace caviar::engine {
namespace {

// As the proto says.
constexpr int kTopMax = 100;
constexpr int kSeedsMax = 100;
constexpr int kRepeatTop = 5, kRepeatSeeds = 10;
constexpr int kRetestTop = 10, kRetestSeeds = 1;
// A job has one warning about its policy, the newest.
constexpr char kRetestWarning[] = "retest: ";

absl::StatusOr<int> CountOf(absl::string_view name, int asked, int otherwise, int most) {
  if (asked == 0) return otherwise;
  if (asked >= 1 && asked <= most) return asked;
  return absl::InvalidArgumentError(
      absl::StrCat(name, ": must be in [1, ", most, "], got ", asked));
}

v1::Origin::Source SourceOf(const v1::TrialRecord& record, uint32_t rank) {
  v1::Origin::Source source;
  source.set_trial(record.number());
  source.set_rank(rank);
  source.set_value(record.value());
  for (const auto& [name, value] : record.metrics()) {
    if (absl::StartsWith(name, "test_")) (*source.mutable_test())[name] = value;
  }
  return source;
}

// The best `top` points, into `origin` and `spec`; what was left out, into `warnings`.
void TakeBest(const Job& job, size_t top, v1::Origin& origin, v1::JobSpec& spec,
              std::vector<std::string>& warnings) {
  spec.clear_enqueue();
  uint32_t rank = 0;
  for (const Leaderboard::Entry& entry : job.leaderboard.entries()) {
    ++rank;
    const v1::TrialRecord& record = job.trial(entry.trial).record;
    const bool is_known = std::any_of(
        spec.enqueue().begin(), spec.enqueue().end(),
        [&](const search::Point& point) { return search::SamePoint(point, record.point()); });
    if (is_known) continue;
    if (record.adjustments_size() > 0) {
      warnings.push_back(absl::StrCat("trial ", record.number(), " (#", rank,
                                      ") was adjusted on its way, which its point does not tell: "
                                      "it is left out"));
      continue;
    }
    *spec.add_enqueue() = record.point();
    *origin.add_sources() = SourceOf(record, rank);
    if (static_cast<size_t>(origin.sources_size()) == top) return;
  }
  warnings.push_back(absl::StrCat("job ", job.id(), " has ", origin.sources_size(),
                                  " different points with a value, not ", top));
}

// Of the job's spec what a trial is made of; nothing of how its points were found.
v1::JobSpec SpecOfRerun(const Job& job, absl::string_view ending) {
  v1::JobSpec spec = job.spec();
  const size_t room = kNameBytesMax - ending.size();
  spec.set_name(absl::StrCat(absl::string_view(job.spec().name()).substr(0, room), ending));
  spec.mutable_sampler()->mutable_random();
  spec.mutable_scheduler()->mutable_full();
  spec.clear_budget();
  spec.mutable_budget()->set_epochs(job.spec().budget().epochs());
  spec.clear_seed();
  spec.clear_constraints();
  spec.clear_warm_start();
  spec.clear_retest();
  return spec;
}

absl::Status CheckData(const Job& job, const v1::Dataset& dataset, v1::Origin::Kind kind) {
  if (kind == v1::Origin::REPEAT) {
    if (dataset.digest() == job.record.dataset_digest()) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("the data set \"", dataset.name(), "\" is not the one that job ", job.id(),
                     " was trained on any more; a retest tells what the new one changes"));
  }
  const uint32_t features = dataset.preprocessing().features();
  const auto classes = static_cast<uint32_t>(dataset.preprocessing().classes_size());
  const bool is_known = job.record.features() > 0;  // else it is of an older version
  if (!is_known || (features == job.record.features() && classes == job.record.classes())) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("dataset: \"", dataset.name(), "\" has ", features, " features and ", classes,
                   " classes; job ", job.id(), " was trained on ", job.record.features(),
                   " features and ", job.record.classes(), " classes, and a retest needs as many"));
}

struct Rerun {
  v1::Origin::Kind kind = v1::Origin::KIND_UNSPECIFIED;
  int top = 0, seeds = 0;
  std::string dataset;
  std::string request_id, request_digest;
};

absl::StatusOr<Job*> StartRerun(EngineState& state, const Job& job, const Rerun& rerun,
                                uint32_t seed) {
  CAVIAR_RETURN_IF_ERROR(CheckRoomForJob(state));
  CAVIAR_ASSIGN_OR_RETURN(const v1::Dataset* const dataset, FindDataset(state, rerun.dataset));
  CAVIAR_RETURN_IF_ERROR(CheckData(job, *dataset, rerun.kind));
  v1::JobRecord record;
  v1::Origin& origin = *record.mutable_origin();
  origin.set_kind(rerun.kind);
  origin.set_job(job.id());
  origin.set_job_name(job.spec().name());
  origin.set_seeds(static_cast<uint32_t>(rerun.seeds));
  v1::JobSpec spec = SpecOfRerun(job, rerun.kind == v1::Origin::REPEAT ? "-repeat" : "-retest");
  spec.set_dataset(rerun.dataset);
  std::vector<std::string> warnings;
  TakeBest(job, static_cast<size_t>(rerun.top), origin, spec, warnings);
  if (origin.sources_size() == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("job ", job.id(), " has no trial with a value that could be trained again"));
  }
  spec.mutable_budget()->set_trials(origin.sources_size() * rerun.seeds);
  CAVIAR_ASSIGN_OR_RETURN(search::ExpandedJob expanded, search::ExpandJob(spec, *dataset, seed));
  *record.mutable_spec() = std::move(expanded.spec);
  record.set_request_id(rerun.request_id);
  record.set_request_digest(rerun.request_digest);
  for (std::string& warning : warnings) record.add_warnings(std::move(warning));
  return StartJob(state, std::move(record), *dataset);
}

absl::Duration EveryOf(const Job& job) {
  const google::protobuf::Duration& every = job.spec().retest().every();
  return absl::Seconds(every.seconds()) + absl::Nanoseconds(every.nanos());
}

void Arm(EngineState& state, Job& job) {
  const absl::Time due = state.now + EveryOf(job);
  *job.record.mutable_retest_at() = TimestampOf(due);
  TouchJobRecord(state, job);
  state.retests.Set(job.id(), due);
}

void Warn(Job& job, const std::string& text) {
  for (std::string& warning : *job.record.mutable_warnings()) {
    if (!absl::StartsWith(warning, kRetestWarning)) continue;
    warning = absl::StrCat(kRetestWarning, text);
    return;
  }
  job.record.add_warnings(absl::StrCat(kRetestWarning, text));
}

}  // namespace

absl::StatusOr<Job*> RerunJob(EngineState& state, const v1::RerunJobRequest& request,
                              uint32_t random_seed) {
  v1::RerunJobRequest asked = request;
  asked.clear_request_id();
  Rerun rerun;
  rerun.request_id = request.request_id();
  rerun.request_digest = RequestDigest(asked);
  CAVIAR_ASSIGN_OR_RETURN(Job* const known,
                          FindRequested(state, rerun.request_id, rerun.request_digest));
  if (known != nullptr) return known;
  CAVIAR_ASSIGN_OR_RETURN(const uint32_t id, ResolveJob(state, request.job()));
  const Job& job = *state.FindJob(id);
  rerun.kind = request.kind();
  if (rerun.kind != v1::Origin::REPEAT && rerun.kind != v1::Origin::RETEST) {
    return absl::InvalidArgumentError("kind: must be REPEAT (1) or RETEST (2)");
  }
  const bool is_repeat = rerun.kind == v1::Origin::REPEAT;
  CAVIAR_ASSIGN_OR_RETURN(
      rerun.top, CountOf("top", request.top(), is_repeat ? kRepeatTop : kRetestTop, kTopMax));
  CAVIAR_ASSIGN_OR_RETURN(rerun.seeds, CountOf("seeds", request.seeds(),
                                               is_repeat ? kRepeatSeeds : kRetestSeeds, kSeedsMax));
  if (is_repeat && !request.dataset().empty()) {
    return absl::InvalidArgumentError(
        "dataset: a repeat trains on the data of the job itself; ask for a retest on another");
  }
  rerun.dataset = request.dataset().empty() ? job.spec().dataset() : request.dataset();
  if (!job.has_ended()) {
    return absl::FailedPreconditionError(
        absl::StrCat("job ", job.id(), " (", job.spec().name(),
                     ") has not ended: its best points may change; wait for its end or cancel it"));
  }
  return StartRerun(state, job, rerun, random_seed);
}

uint32_t SourceIndexOf(const v1::Origin& origin, uint32_t trial) {
  return (trial - 1) / origin.seeds();
}

uint32_t SeedIndexOf(const v1::Origin& origin, uint32_t trial) {
  return (trial - 1) % origin.seeds();
}

uint64_t TrainingSeed(const v1::JobRecord& job, uint32_t trial) {
  return DeriveSeed(job.spec().seed(),
                    uint64_t{job.has_origin() ? SeedIndexOf(job.origin(), trial) : trial});
}

void PlanRetest(EngineState& state, Job& job) {
  if (job.spec().has_retest()) Arm(state, job);
}

void RestoreRetest(EngineState& state, const Job& job) {
  if (job.record.has_retest_at()) state.retests.Set(job.id(), TimeOf(job.record.retest_at()));
}

void ForgetRetest(EngineState& state, Job& job) {
  state.retests.Clear(job.id());
  job.record.clear_retest_at();
}

void ReachRetest(EngineState& state, Job& job) {
  Rerun rerun;
  rerun.kind = v1::Origin::RETEST;
  rerun.top = job.spec().retest().top();
  rerun.seeds = kRetestSeeds;
  rerun.dataset = job.spec().dataset();
  // Another one each time.
  const auto when = static_cast<uint64_t>(absl::ToUnixSeconds(state.now));
  const auto seed = static_cast<uint32_t>(
      DeriveSeed(DeriveSeed(job.spec().seed(), absl::string_view("retest")), when));
  const absl::StatusOr<Job*> started = StartRerun(state, job, rerun, seed);
  if (!started.ok()) {
    Warn(job, absl::StrCat("the one due at ",
                           absl::FormatTime("%Y-%m-%d %H:%M", state.now, absl::UTCTimeZone()),
                           " UTC was left out: ", started.status().message()));
  }
  Arm(state, job);
}

}  // namespace caviar::engine
