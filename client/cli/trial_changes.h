// What was changed in a trial under way, in words.
//
// Threads: pure functions.
#ifndef CAVIAR_CLIENT_CLI_TRIAL_CHANGES_H_
#define CAVIAR_CLIENT_CLI_TRIAL_CHANGES_H_

#include <string>

#include "caviar/v1/job.pb.h"
#include "google/protobuf/repeated_field.h"

namespace caviar::cli {

// "learning_rate: 0.01 -> 0.001", "back to epoch 20 from 30; dropout: 0 -> 0.2", "copy of trial 7;
// learning_rate: 0.01 -> 0.0123".
std::string ChangeText(const v1::Adjustment& adjustment);

// Whether a later rollback went back to where that change was made, or further.
bool IsUndone(const google::protobuf::RepeatedPtrField<v1::Adjustment>& adjustments, int index);

// What a list of trials has to say: "held; after epoch 12 learning_rate: 0.01 -> 0.001 (3 changes);
// next: dropout: 0 -> 0.2". Empty for a trial that nobody touched.
std::string ChangesNote(const v1::Trial& trial);

// What is new in a trial that had `before` adjustments, for a log: "trial 1: after epoch 12
// learning_rate: 0.01 -> 0.001"; empty if nothing is.
std::string NewChangesLine(const v1::Trial& trial, int before);

// The answer to a person who changed something: "trial 1: running, 12 epochs, …".
std::string TrialSentence(const v1::Trial& trial);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_TRIAL_CHANGES_H_
