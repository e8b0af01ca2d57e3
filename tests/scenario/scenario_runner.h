// Runs a scenario: a text file of events, each followed by the exact effects it must have.
//
//   # a comment
//   at 12s                                   the clock, from the start; no step
//   dataset letters
//   submit a trials=2 epochs=3 total_epochs=5 wall_time=30 parallel=1
//   submit a scheduler=asha factor=2         or asha_stopping, hyperband; median startup=1
//   pause 1 | resume 1 | cancel 1 | delete 1 | extend 1 2
//   register s1 w1 slots=1 incarnation=1 running=1/1#1@2,…      s1: session; job/trial#attempt@ack
//   heartbeat s1 | drain s1 | closed s1
//   measure s1 1/1#1 seq=1 from=1 values=0.5,0.7
//   checkpoint s1 1/1#1 epoch=2 digest=c2
//   finish s1 1/1#1 seq=1 COMPLETED model=m1 reason=text
//   handback s1 1/1#1 seq=1
//   stalled 30s | tick                       tick: nothing but the time has come
//   restart                                  from what is durable
//   > an effect                              in order; the list is complete
//
// Threads: one owner.
#ifndef CAVIAR_TESTS_SCENARIO_SCENARIO_RUNNER_H_
#define CAVIAR_TESTS_SCENARIO_SCENARIO_RUNNER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace caviar::scenario {

// The text with the effects that the engine really has. kInvalidArgument names the line that cannot
// be read.
absl::StatusOr<std::string> RunScenario(absl::string_view text);

}  // namespace caviar::scenario

#endif  // CAVIAR_TESTS_SCENARIO_SCENARIO_RUNNER_H_
