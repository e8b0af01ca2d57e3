// How large a job may be, each bound with its reason.
#ifndef CAVIAR_COORDINATOR_SEARCH_JOB_LIMITS_H_
#define CAVIAR_COORDINATOR_SEARCH_JOB_LIMITS_H_

#include <cstdint>

namespace caviar::search {

// A million trials are a year of work for a large cluster; a larger number is a slip. In memory
// they take some 2 GiB.
inline constexpr int kTrialsMax = 1'000'000;
// The curve's rows since the last checkpoint are marked in memory.
inline constexpr int kEpochsMax = 1'000'000;
inline constexpr int kZoomRoundsMax = 100;
// tpe: a proposal's time grows with the candidates; more good trials than that are no longer few.
inline constexpr int kTpeCandidatesMax = 1000;
inline constexpr int kTpeGoodMax = 1000;
inline constexpr double kTpePriorWeightMax = 1000;
// Parameters in `space`, and names in `fixed`: twice as many as there are hyperparameters, a single
// layer's units included.
inline constexpr int kParametersMax = 200;
// Points in `enqueue`: more are not written by hand, and each is checked and drawn before the
// submission is answered, while everybody else waits.
inline constexpr int kEnqueueMax = 1000;
// Constraints, and characters of one: more than a person writes, and each is looked at for each
// point that is drawn.
inline constexpr int kConstraintsMax = 100;
inline constexpr int kConstraintBytesMax = 1000;
// Jobs that a warm start names; and of their trials, the best that are learnt from, together: more
// change no model, and each costs time with each proposal.
inline constexpr int kWarmStartJobsMax = 100;
inline constexpr size_t kPriorsMax = 10'000;
// Values of a list: a longer one is a range written out.
inline constexpr int kListValuesMax = 1000;
// Values in all `when` together: room for 64 layers that each name the numbers of layers that they
// are there for. Each is looked up in its parent's list, each time that the space is built.
inline constexpr int kConditionValuesMax = 10'000;
// Judgements of a trial by the median scheduler: each is kept with the trial, and a number for each
// completed trial beside it.
inline constexpr int kMedianStepsMax = 1000;
// A model of fewer trials knows too little to say that no more is to be found.
inline constexpr int kTerminatorTrialsMin = 10;
inline constexpr int kTerminatorTrialsMax = 1000;
// Protobuf's bound of a Duration, 10,000 years: more cannot be shown as JSON.
inline constexpr int64_t kWallTimeSecondsMax = 315'576'000'000;

// A retest trains several models: more often than this it is the job that should be longer.
inline constexpr int64_t kRetestSecondsMin = 3600;
inline constexpr int kRetestTopMax = 100;

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_JOB_LIMITS_H_
