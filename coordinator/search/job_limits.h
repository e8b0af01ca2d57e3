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
// Values of a list, and those that one line of a `when` names: a longer list is a range written
// out; comparing its values in pairs would take too long.
inline constexpr int kListValuesMax = 1000;
// Protobuf's bound of a Duration, 10,000 years: more cannot be shown as JSON.
inline constexpr int64_t kWallTimeSecondsMax = 315'576'000'000;

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_JOB_LIMITS_H_
