// Which trials a person asks for, and in which order: the `filter` and `order_by` of ListTrials and
// GetLeaderboard. Names are those of trial_field.h.
//
//   filter    state = COMPLETED AND learning_rate < 0.01 AND optimizer = adam
//   order_by  seconds desc
//
// Operators: = != < <= > >=; words know only = and !=, and states are written in any case. A trial
// that lacks the name satisfies no comparison with it, not even !=, and comes last in either order.
// Words with characters beyond letters, digits and _.:+- are quoted, 'so' or "so"; \ before a quote
// or a backslash keeps it.
//
// Threads:     immutable after Parse(); thread-safe.
// Errors:      kInvalidArgument naming the position (column, from 1) and what was expected there.
// Determinism: pure.
#ifndef CAVIAR_COORDINATOR_SEARCH_TRIAL_QUERY_H_
#define CAVIAR_COORDINATOR_SEARCH_TRIAL_QUERY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/job.pb.h"
#include "caviar/v1/records.pb.h"
#include "coordinator/search/trial_field.h"

namespace caviar::search {

// `name` `op` `literal`.
struct TrialComparison {
  enum class Operator { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };
  TrialField field;
  Operator op = Operator::kEqual;
  google::protobuf::Value literal;
};

class TrialFilter {
 public:
  // Blank text matches every trial. `spec` (expanded) tells the job's hyperparameters.
  static absl::StatusOr<TrialFilter> Parse(absl::string_view text, const v1::JobSpec& spec);

  bool Matches(const v1::TrialRecord& trial) const;

 private:
  explicit TrialFilter(std::vector<TrialComparison> comparisons);

  std::vector<TrialComparison> comparisons_;  // all must hold
};

class TrialOrder {
 public:
  // NAME, NAME asc or NAME desc. Blank text is the objective, best first.
  static absl::StatusOr<TrialOrder> Parse(absl::string_view text, const v1::JobSpec& spec);

  // Strict weak order. Ties go by trial number in either order; numbers come before booleans, those
  // before words, and trials without the name last.
  bool Before(const v1::TrialRecord& a, const v1::TrialRecord& b) const;

 private:
  TrialOrder(TrialField field, bool descending);

  TrialField field_;
  bool descending_;
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_TRIAL_QUERY_H_
