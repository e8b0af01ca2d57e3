#include "coordinator/search/check_space.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/hyperparameters/hyperparameters.h"
#include "coordinator/search/job_values.h"
#include "coordinator/search/parameter.h"
#include "coordinator/search/space.h"

namespace caviar::search {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Struct;
using google::protobuf::Value;

// The hyperparameter, or a problem that names the nearest one.
std::optional<Hyperparameter> Known(absl::string_view path, absl::string_view name,
                                    Problems& problems) {
  std::optional<Hyperparameter> found = FindHyperparameter(name);
  if (!found.has_value()) {
    const std::string nearest = NearestHyperparameterName(name);
    problems.Add(path,
                 absl::StrCat("no such hyperparameter", nearest.empty() ? "" : "; did you mean ",
                              nearest, nearest.empty() ? "" : "?"));
  }
  return found;
}

void CheckNumber(absl::string_view path, const Hyperparameter& hyperparameter, double number,
                 Problems& problems) {
  Value value;
  value.set_number_value(number);
  const absl::Status status = CheckHyperparameterValue(hyperparameter, value);
  if (!status.ok()) problems.Add(path, status.message());
}

template <typename RangeType>
void CheckEnds(const std::string& path, const Hyperparameter& hyperparameter,
               const RangeType& range, Problems& problems) {
  CheckNumber(path + ".min", hyperparameter, range.min(), problems);
  CheckNumber(path + ".max", hyperparameter, range.max(), problems);
}

void CheckList(const std::string& path, const Hyperparameter& hyperparameter, const ListValue& list,
               Problems& problems) {
  for (int i = 0; i < list.values_size(); ++i) {
    const absl::Status status = CheckHyperparameterValue(hyperparameter, list.values(i));
    if (!status.ok()) problems.Add(absl::StrCat(path, "[", i, "]"), status.message());
  }
}

bool IsReal(const v1::Domain& domain) {
  return domain.has_uniform() || domain.has_log() || domain.has_log_complement() ||
         domain.has_reverse_log();
}

// Requires: the domain is valid in itself.
void CheckDomainFits(const Hyperparameter& hyperparameter, const v1::Domain& domain,
                     Problems& problems) {
  const std::string path = absl::StrCat("space.", hyperparameter.name);
  const bool is_number = hyperparameter.kind == Hyperparameter::Kind::kReal ||
                         hyperparameter.kind == Hyperparameter::Kind::kInteger;
  if (!is_number && !domain.has_choice()) {
    problems.Add(
        path, absl::StrCat("write choice: it is a ",
                           hyperparameter.kind == Hyperparameter::Kind::kBoolean ? "boolean, " : "",
                           AllowedValues(hyperparameter)));
    return;
  }
  if (hyperparameter.kind == Hyperparameter::Kind::kInteger && IsReal(domain)) {
    problems.Add(path, "is a whole number; write int or int_log");
    return;
  }
  switch (domain.kind_case()) {
    case v1::Domain::kUniform:
      return CheckEnds(path + ".uniform", hyperparameter, domain.uniform(), problems);
    case v1::Domain::kLog:
      return CheckEnds(path + ".log", hyperparameter, domain.log(), problems);
    case v1::Domain::kLogComplement:
      return CheckEnds(path + ".log_complement", hyperparameter, domain.log_complement(), problems);
    case v1::Domain::kReverseLog:
      return CheckEnds(path + ".reverse_log", hyperparameter, domain.reverse_log(), problems);
    case v1::Domain::kInt:
      return CheckEnds(path + ".int", hyperparameter, domain.int_(), problems);
    case v1::Domain::kIntLog:
      return CheckEnds(path + ".int_log", hyperparameter, domain.int_log(), problems);
    case v1::Domain::kValues:
      return CheckList(path + ".values", hyperparameter, domain.values(), problems);
    case v1::Domain::kChoice:
      return CheckList(path + ".choice", hyperparameter, domain.choice(), problems);
    case v1::Domain::KIND_NOT_SET:
      return;
  }
}

std::map<std::string, Value> Sorted(const Struct& values) {
  return {values.fields().begin(), values.fields().end()};
}

void CheckEnqueuedValue(const v1::JobSpec& spec, const std::string& path, const std::string& name,
                        const Value& value, Problems& problems) {
  const std::optional<Hyperparameter> hyperparameter = Known(path, name, problems);
  if (!hyperparameter.has_value()) return;
  const absl::Status status = CheckHyperparameterValue(*hyperparameter, value);
  const auto fixed = spec.fixed().fields().find(name);
  if (!status.ok()) {
    problems.Add(path, status.message());
  } else if (fixed != spec.fixed().fields().end()) {
    if (!SameValue(fixed->second, value)) {
      problems.Add(path, absl::StrCat("is fixed to ", ValueText(fixed->second)));
    }
  } else if (!spec.space().contains(name)) {
    problems.Add(path, "is not in space; add it there, or to fixed");
  }
}

void CheckPoint(const v1::JobSpec& spec, const std::string& path, const Struct& point,
                Problems& problems) {
  for (const auto& [name, value] : Sorted(point)) {
    CheckEnqueuedValue(spec, absl::StrCat(path, ".", name), name, value, problems);
  }
}

void CheckBatchNormOfPoint(const v1::JobSpec& spec, const std::string& path, const Struct& point,
                           Problems& problems) {
  const auto& fields = point.fields();
  const auto size = fields.find("batch_size");
  if (size == fields.end() || size->second.number_value() != 1) return;
  const auto norm = fields.find("batch_norm");
  const bool normalises =
      norm != fields.end() ? norm->second.bool_value() : CanBeWord(spec, "batch_norm", "true");
  if (normalises) {
    problems.Add(absl::StrCat(path, ".batch_size"),
                 "is 1, which batch norm cannot normalise; it must be at least 2");
  }
}

}  // namespace

void CheckSpace(const v1::JobSpec& spec, Problems& problems) {
  problems.Add(Space::Create(spec).status());
  std::map<std::string, const v1::Domain*> sorted;
  for (const auto& [name, domain] : spec.space()) sorted.emplace(name, &domain);
  for (const auto& [name, domain] : sorted) {
    const std::optional<Hyperparameter> hyperparameter =
        Known(absl::StrCat("space.", name), name, problems);
    if (!hyperparameter.has_value()) continue;
    // What is wrong with the domain itself was said above, and once is enough.
    if (!Parameter::Create(name, *domain).ok()) continue;
    CheckDomainFits(*hyperparameter, *domain, problems);
  }
}

void CheckFixed(const v1::JobSpec& spec, Problems& problems) {
  for (const auto& [name, value] : Sorted(spec.fixed())) {
    const std::string path = absl::StrCat("fixed.", name);
    const std::optional<Hyperparameter> hyperparameter = Known(path, name, problems);
    if (!hyperparameter.has_value()) continue;
    const absl::Status status = CheckHyperparameterValue(*hyperparameter, value);
    if (!status.ok()) problems.Add(path, status.message());
    if (spec.space().contains(name)) problems.Add(path, "is in space too; keep one of them");
  }
}

void CheckEnqueue(const v1::JobSpec& spec, Problems& problems) {
  for (int i = 0; i < spec.enqueue_size(); ++i) {
    CheckPoint(spec, absl::StrCat("enqueue[", i, "]"), spec.enqueue(i), problems);
  }
}

void CheckAddedPoint(const v1::JobSpec& spec, const std::string& path, const Struct& point,
                     Problems& problems) {
  Problems of_point;
  CheckPoint(spec, path, point, of_point);
  if (of_point.empty()) CheckBatchNormOfPoint(spec, path, point, of_point);
  problems.Add(of_point.ToStatus());
}

void CheckBatchNorm(const v1::JobSpec& spec, Problems& problems) {
  Value one;
  one.set_number_value(1);
  if (CanBeWord(spec, "batch_norm", "true", "batch_size") &&
      CanBe(spec, "batch_size", one, "batch_norm")) {
    problems.Add(
        PathOf(spec, "batch_size"),
        "can be 1, which batch norm cannot normalise; start at 2, or fix batch_norm: false");
  }
  for (int i = 0; i < spec.enqueue_size(); ++i) {
    CheckBatchNormOfPoint(spec, absl::StrCat("enqueue[", i, "]"), spec.enqueue(i), problems);
  }
}

}  // namespace caviar::search
