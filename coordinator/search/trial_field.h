// Where a name that a person asks by (state, validation_loss, learning_rate) is found in a trial.
//
// Names: those of v1::Trial, trial for its number, any metric, any hyperparameter of the job.
// Where a metric and a hyperparameter share a name (learning_rate) the hyperparameter is meant;
// metrics.NAME and point.NAME say which. A fixed hyperparameter has its value in every trial.
//
// Threads:     pure.
// Determinism: functions of their arguments.
#ifndef CAVIAR_COORDINATOR_SEARCH_TRIAL_FIELD_H_
#define CAVIAR_COORDINATOR_SEARCH_TRIAL_FIELD_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "caviar/v1/job.pb.h"
#include "caviar/v1/records.pb.h"
#include "google/protobuf/struct.pb.h"

namespace caviar::search {

struct TrialField {
  enum class Kind {
    kNumber,
    kState,
    kValue,
    kBestEpoch,
    kEpochs,
    kSeconds,
    kWorker,
    kAttempt,
    kReason,
    kMetric,
    kPoint
  };
  Kind kind = Kind::kNumber;
  std::string name;               // of kMetric and kPoint
  google::protobuf::Value fixed;  // kPoint: the value in every trial, or not set
};

// nullopt for a name that no trial of the job can have.
std::optional<TrialField> FindTrialField(absl::string_view name, const v1::JobSpec& spec);

// Every name there is, for "did you mean".
std::vector<std::string> TrialFieldNames(const v1::JobSpec& spec);

// What v1::Trial would show, read from the record, so that a million trials can be looked through
// without making a million messages. A number, a word or a boolean; nullopt where the trial lacks
// it (no value yet, an inactive parameter, a metric that was not finite).
std::optional<google::protobuf::Value> ReadTrialField(const TrialField& field,
                                                      const v1::TrialRecord& trial);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_TRIAL_FIELD_H_
