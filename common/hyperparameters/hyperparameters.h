// The hyperparameters of the built-in trainer by name: kinds, defaults and ranges as stated in
// proto/caviar/v1/model.proto, read by reflection so that there is one list.
//
// Threads:     all functions are thread-safe.
// Errors:      kInvalidArgument with a sentence that names the value and what is allowed.
// Determinism: pure functions.
#ifndef CAVIAR_COMMON_HYPERPARAMETERS_HYPERPARAMETERS_H_
#define CAVIAR_COMMON_HYPERPARAMETERS_HYPERPARAMETERS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/model.pb.h"
#include "google/protobuf/struct.pb.h"

namespace caviar {

struct Hyperparameter {
  enum class Kind { kReal, kInteger, kBoolean, kWord };

  std::string name;
  Kind kind = Kind::kReal;
  v1::HyperparameterRange range;
  std::vector<std::string> words;  // kWord only: what it may be, lower case, in proto order
  int layer = 0;                   // hidden_units_1, hidden_units_2 …: the layer, from 1; else 0
};

// Every hyperparameter in proto order, hidden_units_n aside (FindHyperparameter knows those).
const std::vector<Hyperparameter>& AllHyperparameters();

// Also finds hidden_units_1 … hidden_units_64.
std::optional<Hyperparameter> FindHyperparameter(absl::string_view name);

// The known name nearest to `name` by edit distance, or empty when none is near.
std::string NearestHyperparameterName(absl::string_view name);

// "number in (0, 1000]", "word: one of adam, rmsprop", "true or false": for messages and docs.
std::string AllowedValues(const Hyperparameter& hyperparameter);

// What it is where nobody says otherwise.
google::protobuf::Value DefaultValue(const Hyperparameter& hyperparameter);

// Whether `value` may be given to the hyperparameter. The message does not repeat the name.
absl::Status CheckHyperparameterValue(const Hyperparameter& hyperparameter,
                                      const google::protobuf::Value& value);

// Whether a trial under way may be given these values: all problems in one message, one a line.
absl::Status CheckAdjustment(const google::protobuf::Struct& set);

// The trainer's settings from a point (fixed values and sampled ones in one Struct): defaults for
// what is absent, all problems in one message, one a line.
absl::StatusOr<v1::Hyperparameters> HyperparametersFromPoint(const google::protobuf::Struct& point);

}  // namespace caviar

#endif  // CAVIAR_COMMON_HYPERPARAMETERS_HYPERPARAMETERS_H_
