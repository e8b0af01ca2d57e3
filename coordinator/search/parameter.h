// One parameter of a search space: its domain as numbers a sampler can work with, and the
// condition under which it is active.
//
// Every kind has a place on [0, 1]: reals by their scale; whole numbers by theirs, the interval
// widened by half a step so that each end gets its full share; list values by equal slices.
//
// Threads:     immutable after Create(); thread-safe.
// Errors:      Create() reports every problem of a domain at once (kInvalidArgument, one line each,
//              "space.NAME.KIND…: what is wrong").
#ifndef CAVIAR_COORDINATOR_SEARCH_PARAMETER_H_
#define CAVIAR_COORDINATOR_SEARCH_PARAMETER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/search_space.pb.h"
#include "coordinator/search/scale.h"
#include "google/protobuf/struct.pb.h"

namespace caviar::search {

// Numbers by value, words and booleans as they are.
bool SameValue(const google::protobuf::Value& a, const google::protobuf::Value& b);

// As in a job file: 0.01, 64, adam, true.
std::string ValueText(const google::protobuf::Value& value);

class Parameter {
 public:
  enum class Kind {
    kReal,     // uniform, log, log_complement, reverse_log
    kInteger,  // int, int_log
    kOrdered,  // values, kept in rising order
    kChoice,   // no order
  };

  static absl::StatusOr<Parameter> Create(absl::string_view name, const v1::Domain& domain);

  const std::string& name() const { return name_; }
  Kind kind() const { return kind_; }
  const v1::Domain& domain() const { return domain_; }

  // Number of different values; nullopt for a real interval of more than one point.
  std::optional<uint64_t> cardinality() const;

  // The value at place u. Requires: u in [0, 1].
  google::protobuf::Value AtUnit(double u) const;

  // Where a value lies; the middle of its slice for list values. A number outside the domain lies
  // at the nearer end; nullopt if the value has no place (an unlisted choice, a wrong type).
  std::optional<double> UnitOf(const google::protobuf::Value& value) const;

  // True if AtUnit() could yield the value.
  bool Contains(const google::protobuf::Value& value) const;

  // The list value whose slice holds u. Requires: kOrdered or kChoice.
  int IndexAt(double u) const;

  // All kinds but kReal have cells: their values in rising order (a choice's as listed), each with
  // its part of [0, 1]. The cell that holds u, the one whose value AtUnit(u) yields.
  int64_t CellAt(double u) const;
  // Where a cell begins; 1 for the cell after the last. Requires: 0 <= cell <= cardinality().
  double CellBegin(int64_t cell) const;

  // Values of kOrdered and kChoice; index i owns the slice [i, i + 1] / size().
  const std::vector<google::protobuf::Value>& values() const { return values_; }

  // The domain narrowed to the places [lo, hi], its condition kept: what a zoom round reports.
  // Whole numbers and ordered values keep those whose slice the places touch. Requires: not
  // kChoice; 0 <= lo <= hi <= 1.
  v1::Domain Narrowed(double lo, double hi) const;

 private:
  Parameter() = default;

  // kInteger's value at u.
  double IntegerAt(double u) const;

  void InitReal(Scale scale, const v1::Range& range);
  void InitInteger(Scale scale, const v1::IntRange& range);
  void InitList(Kind kind, const google::protobuf::ListValue& list);

  std::string name_;
  v1::Domain domain_;
  Kind kind_ = Kind::kReal;
  Scale scale_ = Scale::kLinear;
  double min_ = 0;  // kInteger: already widened by half a step
  double max_ = 0;
  std::vector<google::protobuf::Value> values_;
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_PARAMETER_H_
