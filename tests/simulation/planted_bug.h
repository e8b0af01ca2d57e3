// Bugs that the simulator can be told to plant around the engine, to prove that it would find them:
// a mutation test of the test. Each is a fault that a coordinator could really have.
#ifndef CAVIAR_TESTS_SIMULATION_PLANTED_BUG_H_
#define CAVIAR_TESTS_SIMULATION_PLANTED_BUG_H_

#include <array>

#include "absl/strings/string_view.h"

namespace caviar::simulation {

enum class PlantedBug {
  kNone,
  kAckBeforeCommit,      // acknowledgements leave before the commit
  kFenceOff,             // messages of older attempts and other sessions count
  kLostRequeue,          // a lost trial is not written back
  kDoubleFinish,         // a repeated end writes the trial again, as another one
  kStallCostsLeases,     // the driver's own stalls are not told to the engine
  kSequenceGapAccepted,  // a batch that follows a gap is taken for the next one
  kCheckpointTooNew,     // checkpoints are usable before the curve reaches them
  kGrantNotReserved,     // epochs of a trial are not on record
  kStopNotSent,          // cancelled attempts are not told
  kCursorOffByOne,       // watchers resume one change too late
  kLiveCheckpointGone,   // the collector takes a checkpoint that is still needed
  kForgottenWrite,       // a commit loses one of its records
  kTimeStandsStill,      // deadlines are never acted upon
  kAttemptNotDurable,    // Assign leaves with an attempt number that is not written
  kUnfitBlamesTrial,     // a worker that cannot run a trial ends it
  kReasonCutInTwo,       // a long reason is cut inside a character
  kChangesForgotten,     // a retry is not told where its values change
  kRollbackKeepsRows,    // a rollback leaves the curve as it was
};

inline constexpr std::array<absl::string_view, 19> kPlantedBugNames = {
    "none",
    "ack-before-commit",
    "fence-off",
    "lost-requeue",
    "double-finish",
    "stall-costs-leases",
    "sequence-gap-accepted",
    "checkpoint-too-new",
    "grant-not-reserved",
    "stop-not-sent",
    "cursor-off-by-one",
    "live-checkpoint-gone",
    "forgotten-write",
    "time-stands-still",
    "attempt-not-durable",
    "unfit-blames-trial",
    "reason-cut-in-two",
    "changes-forgotten",
    "rollback-keeps-rows",
};

}  // namespace caviar::simulation

#endif  // CAVIAR_TESTS_SIMULATION_PLANTED_BUG_H_
