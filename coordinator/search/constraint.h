// A linear inequality between numeric parameters, as a job file writes it: "units_2 <= units_1",
// "2 * a + b <= 1.5".
//
//   constraint = side ("<=" | ">=" | "<" | ">") side
//   side       = ["-"] term {("+" | "-") term}
//   term       = NUMBER | [NUMBER "*"] NAME
//
// A name is one of the space, or a number in `fixed`, which counts as the number it is. It binds
// only where all of its parameters are active. Both sides are compared as a person would: what
// differs by no more than rounding is equal.
//
// Threads:     immutable; thread-safe.
// Errors:      Create(): kInvalidArgument, one line without a path.
// Determinism: a function of its arguments.
#ifndef CAVIAR_COORDINATOR_SEARCH_CONSTRAINT_H_
#define CAVIAR_COORDINATOR_SEARCH_CONSTRAINT_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/search/parameter.h"
#include "google/protobuf/struct.pb.h"

namespace caviar::search {

class Constraint {
 public:
  // factor * the parameter's value.
  struct Term {
    int parameter = 0;
    std::string name;
    double factor = 0;  // not 0
  };

  // `parameters` by rising name, as a space holds them.
  static absl::StatusOr<Constraint> Create(absl::string_view text,
                                           std::span<const Parameter> parameters,
                                           const google::protobuf::Struct& fixed);

  // True where it holds, and where one of its parameters is missing.
  bool Allows(const google::protobuf::Struct& point) const;

  // By how much it is broken, as a share of what its sum can vary by; 0 where Allows().
  double Violation(const google::protobuf::Struct& point) const;

  const std::string& text() const { return text_; }
  // At least one; each parameter once, by index.
  const std::vector<Term>& terms() const { return terms_; }

 private:
  Constraint() = default;

  // sum(terms) - bound where it binds and is broken, otherwise 0.
  double Excess(const google::protobuf::Struct& point) const;

  std::string text_;
  // sum(terms) <= bound_, or < where it is strict.
  std::vector<Term> terms_;
  double bound_ = 0;
  bool is_strict_ = false;
  double scale_ = 1;  // of the sum over the domains; > 0
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_CONSTRAINT_H_
