// Settings that change while a trial trains (a person adjusts it, or pbt does).
//
// Threads: pure functions.
#ifndef CAVIAR_WORKER_TRAIN_SETTINGS_CHANGE_H_
#define CAVIAR_WORKER_TRAIN_SETTINGS_CHANGE_H_

#include <vector>

#include "absl/status/status.h"
#include "caviar/v1/model.pb.h"

namespace caviar::train {

// Settings that take the place of those before them while the trial trains.
struct SettingsChange {
  int after_epoch = 0;                  // in force from the epoch after this one on; >= 0
  v1::Hyperparameters hyperparameters;  // whole, not only what differs
};

// Whether a trial that was made with `first` can be trained on after each of the changes, with
// schedules over `epochs`. kInvalidArgument naming the epoch of the one that it cannot.
absl::Status CheckChanges(const v1::Hyperparameters& first,
                          const std::vector<SettingsChange>& changes, int epochs);

}  // namespace caviar::train

#endif  // CAVIAR_WORKER_TRAIN_SETTINGS_CHANGE_H_
