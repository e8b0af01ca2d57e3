// How close a search from coarse to fine looks, and when: the trial budget is cut into rounds, and
// the box around the best points is narrower from round to round. zoom and gp go by it.
//
// Widths fall geometrically from the whole scale to 3 / budget in the last round: more trials can
// afford to look closer. With trials of other jobs (warm start) the round from the whole space was
// theirs, and the first one here is narrower already.
//
// Threads:     immutable; pure.
// Units and shapes: places count from 0 the trials that the sampler proposes; rounds from 0; a
//              width is a share of a parameter's scale.
#ifndef CAVIAR_COORDINATOR_SEARCH_ZOOM_SCHEDULE_H_
#define CAVIAR_COORDINATOR_SEARCH_ZOOM_SCHEDULE_H_

#include <cstddef>
#include <cstdint>

#include "coordinator/search/sampler.h"

namespace caviar::search {

class ZoomSchedule {
 public:
  // A box needs a best point and something to tell its direction.
  static constexpr size_t kBestMin = 2;

  // Requires: rounds >= 1. A budget of 0 counts as 1.
  ZoomSchedule(uint64_t budget, int rounds, bool is_warm);
  // Of the job that `request` comes from; its enqueued trials are nobody's to propose.
  static ZoomSchedule Of(const SampleRequest& request, int rounds, bool is_warm);

  // Places past the budget are in the last round.
  int RoundAt(uint64_t place) const;
  int RoundOf(const SampleRequest& request) const {
    return RoundAt(request.trial_number - request.enqueued_trials - 1);
  }
  uint64_t FirstPlace(int round) const;

  // True if the round draws from all of the space, whatever is known.
  bool IsWhole(int round) const { return round == 0 && !is_warm_; }
  // Of the box around the best point. Requires: !IsWhole(round).
  double Width(int round) const;

  // How many of the best points a box is drawn around: as many as this share of a round.
  size_t Kept(double keep) const;

 private:
  uint64_t budget_;
  uint64_t rounds_;
  bool is_warm_;
};

// Whether the trial is one of the share that is looked for in the whole space all the same.
bool ExploresWhole(const SampleRequest& request, double share);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_ZOOM_SCHEDULE_H_
