// The points of one job: those tried first as the user gave them, then its sampler's.
//
// A point given for the start takes its missing active parameters from the random draw of its
// trial number (as far as constraints allow), and loses values of parameters that its own values
// make inactive.
//
// Threads:     immutable after Create(); thread-safe.
// Errors:      Create(): kInvalidArgument if the space is not valid (ExpandJob() refuses those).
//              Propose(): kOutOfRange as in sampler.h.
// Determinism: as in sampler.h.
#ifndef CAVIAR_COORDINATOR_SEARCH_JOB_SAMPLER_H_
#define CAVIAR_COORDINATOR_SEARCH_JOB_SAMPLER_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "caviar/v1/job.pb.h"
#include "coordinator/search/sampler.h"
#include "coordinator/search/space.h"

namespace caviar::search {

class JobSampler {
 public:
  // `spec` as ExpandJob() returned it; kept. Trials past its budget may be asked for: a job that is
  // extended keeps its sampler, and zoom stays in its last round.
  static absl::StatusOr<JobSampler> Create(const v1::JobSpec& spec);

  // Whether trial `trial_number` (from 1) has a point that is not added from outside, given that
  // `added_trials` of those before it were. False for the external sampler past `enqueue`.
  bool Proposes(uint32_t trial_number, uint32_t added_trials) const;

  // The point of that trial. `history` and `observations` hold all trials before it, the added ones
  // too.
  absl::StatusOr<Proposal> Propose(uint32_t trial_number, const History& history,
                                   const Observations& observations,
                                   uint32_t added_trials = 0) const;

  // The point of trial `trial_number` that a person, or another program, gave in part.
  absl::StatusOr<Point> Completed(uint32_t trial_number, const Point& given) const;

  // Whether Propose() takes longer than a step of the engine may.
  bool ThinksLong(uint32_t trial_number, const Observations& observations,
                  uint32_t added_trials = 0) const;

  // What the sampler (or the terminator) looks at besides seed and trial number; the other may be
  // left empty.
  bool uses_history() const { return spec_.sampler().has_zoom(); }
  bool uses_observations() const {
    return spec_.sampler().has_tpe() || spec_.sampler().has_gp() || spec_.sampler().has_cmaes() ||
           spec_.budget().has_terminator();
  }

  const Space& space() const { return *space_; }

 private:
  JobSampler(const v1::JobSpec& spec, std::unique_ptr<const Space> space);

  // `place`: among the trials that were not added.
  bool IsEnqueued(uint32_t place) const;
  SampleRequest RequestFor(uint32_t trial_number, uint32_t added_trials, const History* history,
                           const Observations* observations) const;

  v1::JobSpec spec_;
  std::unique_ptr<const Space> space_;  // at one address however the sampler moves
  std::unique_ptr<Sampler> sampler_;
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_JOB_SAMPLER_H_
