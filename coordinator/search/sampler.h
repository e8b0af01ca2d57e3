// The one contract of all samplers: which point shall trial k be?
//
// A sampler is a pure function of its request: equal requests give equal proposals, whoever asks
// and whenever, so that any point of a job replays from what the job knew. It never sees workers,
// attempts, ids or names of jobs. random, grid and sobol look at seed and trial number alone.
//
// Threads:     a Sampler is immutable; Propose() is thread-safe.
// Ownership:   everything in a request is borrowed for the call.
// Errors:      kOutOfRange: there is no further point (the grid is exhausted); the job ends early
//              with the message as its reason.
// Determinism: same request, same bits, on one build and CPU type.
#ifndef CAVIAR_COORDINATOR_SEARCH_SAMPLER_H_
#define CAVIAR_COORDINATOR_SEARCH_SAMPLER_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "caviar/v1/job.pb.h"
#include "coordinator/search/history.h"
#include "coordinator/search/observations.h"
#include "coordinator/search/space.h"

namespace caviar::search {

struct SampleRequest {
  const Space& space;
  // The job's seed, the same for each trial.
  uint64_t seed = 0;
  // From 1; points tried first (`enqueue`) and added from outside count too, and are not asked for
  // here.
  uint32_t trial_number = 1;
  // Trials before this one whose points were added from outside (AddTrials).
  uint32_t added_trials = 0;
  // Trials tried first, and the budget with them, as submitted: it may be exceeded (ExtendJob).
  uint32_t enqueued_trials = 0;
  uint32_t budget_trials = 0;
  // All trials before this one, as the kinds of samplers need them (JobSampler says which is kept);
  // null for none.
  const History* history = nullptr;
  const Observations* observations = nullptr;
};

struct Proposal {
  Point point;
  // The box a zoom round draws from, as known now; replaces an older one of the same first_trial.
  std::optional<v1::ZoomRound> zoom_round;
  // What the sampler wants to find again in Observations::Row of this trial: cmaes' generation.
  uint32_t note = 0;
};

class Sampler {
 public:
  virtual ~Sampler() = default;
  virtual absl::StatusOr<Proposal> Propose(const SampleRequest& request) const = 0;
  // Whether that takes longer than a step of the engine may: it is then asked elsewhere, ahead of
  // time. A function of numbers that only grow, so that it turns from false to true once.
  virtual bool ThinksLong(const SampleRequest&) const { return false; }
};

// One uniform draw a parameter from DeriveSeed(DeriveSeed(seed, trial_number), its name). O(d).
std::unique_ptr<Sampler> MakeRandomSampler();

// Every combination once, in order: the last parameter (parents first, then by name) moves fastest,
// and parameters that are inactive make no combinations of their own. `points` places a real or
// integer domain, spread evenly over its scale with both ends; all values of a list.
// O(d * places) once the counts are cached at construction.
std::unique_ptr<Sampler> MakeGridSampler(const v1::GridSampler& settings, const Space& space);

// Trial k is the k-th vector of an Owen-scrambled Sobol sequence; one dimension a parameter, active
// or not. O(32 d).
std::unique_ptr<Sampler> MakeSobolSampler();

// Coarse to fine (zoom_sampler.cc says how). O(d) a proposal, however long the history.
std::unique_ptr<Sampler> MakeZoomSampler(const v1::ZoomSampler& settings);

// Learns where good trials are dense (tpe_sampler.cc says how). O(candidates * rows * d) at a few
// tenths of a nanosecond. Requires: requests for this space, with observations.
// `learns_at_rungs`: of one level of training at a time, the highest that enough trials came to
// (bohb).
std::unique_ptr<Sampler> MakeTpeSampler(const v1::TpeSampler& settings, const Space& space,
                                        bool learns_at_rungs = false);

// A Gaussian process (gp_sampler.cc says how). Each proposal learns anew, from 1,000 trials at
// most: O(trials^2 * (trials + candidates)).
std::unique_ptr<Sampler> MakeGpSampler(const v1::GpSampler& settings);

// CMA-ES, asynchronous (cmaes_sampler.cc says how). Each proposal learns all generations anew: 1 ms
// at 1,000 trials of 10 parameters; O(trials * d^2 + generations * d^3).
std::unique_ptr<Sampler> MakeCmaesSampler(const v1::CmaesSampler& settings, const Space& space);

// Proposes nothing, and says so: points come from outside.
std::unique_ptr<Sampler> MakeExternalSampler();

// By the spec's kind. Requires: settings as ExpandJob() left them, for this space.
std::unique_ptr<Sampler> MakeSampler(const v1::Sampler& settings, const Space& space);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_SAMPLER_H_
