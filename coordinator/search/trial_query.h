// Which trials a person asks for, and in which order: the `filter` and `order_by` of ListTrials and
// GetLeaderboard.
//
//   filter    state = COMPLETED AND learning_rate < 0.01 AND optimizer = adam
//   order_by  seconds desc
//
// Names: number, state, value, epochs, seconds, worker, any metric, any hyperparameter. Where a
// metric and a parameter share a name the parameter is meant; metrics.NAME and point.NAME say
// which. A fixed hyperparameter has its value in every trial. A trial that lacks the name satisfies
// no comparison with it, not even !=, and comes last in either order.
// Operators: = != < <= > >=; words (state, worker, optimizer …) know only = and !=. Words with
// characters beyond letters, digits and _.:+- are written in quotes, 'so' or "so", \ before a
// quote.
//
// Threads:     immutable after Parse(); thread-safe.
// Errors:      kInvalidArgument naming the position (1-based column) and what was expected there.
#ifndef CAVIAR_COORDINATOR_SEARCH_TRIAL_QUERY_H_
#define CAVIAR_COORDINATOR_SEARCH_TRIAL_QUERY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/job.pb.h"
#include "google/protobuf/struct.pb.h"

namespace caviar::search {

// Where a name's value is found in a trial.
struct TrialField {
  enum class Kind { kNumber, kState, kValue, kEpochs, kSeconds, kWorker, kMetric, kPoint };
  Kind kind = Kind::kNumber;
  std::string name;               // of kMetric and kPoint
  google::protobuf::Value fixed;  // kPoint: the value in every trial, or no kind set
};

class TrialFilter {
 public:
  // Empty text matches every trial. `spec` (expanded) tells the job's hyperparameters.
  static absl::StatusOr<TrialFilter> Parse(absl::string_view text, const v1::JobSpec& spec);

  bool Matches(const v1::Trial& trial) const;

 private:
  enum class Operator { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };
  struct Comparison {
    TrialField field;
    Operator op = Operator::kEqual;
    google::protobuf::Value literal;
    std::string text;  // the literal as written, for words that look like numbers
  };
  friend class FilterParser;

  static bool Holds(const Comparison& comparison, const v1::Trial& trial);

  std::vector<Comparison> comparisons_;  // all must hold
};

class TrialOrder {
 public:
  // NAME, NAME asc or NAME desc. Empty text is the objective, best first.
  static absl::StatusOr<TrialOrder> Parse(absl::string_view text, const v1::JobSpec& spec);

  // By trial number.
  static TrialOrder ByNumber();

  // Strict weak order; ties go by trial number, trials without the name come last.
  bool Before(const v1::Trial& a, const v1::Trial& b) const;

 private:
  TrialField field_;
  bool descending_ = false;
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_TRIAL_QUERY_H_
