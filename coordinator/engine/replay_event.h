// What happened to a job's trials, in the order in which it happened, as their records tell it.
//
// Each creation, grant and end has a number of its own in the job's sequence; what else is recorded
// at a number happened after what made that number, and before what saw it and made the next.
//
// Threads: pure function.
#ifndef CAVIAR_COORDINATOR_ENGINE_REPLAY_EVENT_H_
#define CAVIAR_COORDINATOR_ENGINE_REPLAY_EVENT_H_

#include <cstdint>
#include <vector>

#include "caviar/v1/records.pb.h"

namespace caviar::engine {

struct ReplayEvent {
  // In the order of events with one number.
  enum class Kind : uint8_t {
    kCreated,
    kEnded,
    kJudged,
    kPaused,    // at its rung
    kPruned,    // it was decided that it will be
    kGranted,   // more epochs than at its creation
    kProposed,  // its point was
  };
  uint64_t at_sequence = 0;
  Kind kind = Kind::kCreated;
  uint32_t trial = 0;
  // Of the judgement or grant.
  int index = 0;
};

// Without what happened after `through_sequence`. O(n log n) for n events.
std::vector<ReplayEvent> EventsOf(const std::vector<v1::TrialRecord>& trials,
                                  uint64_t through_sequence);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_REPLAY_EVENT_H_
