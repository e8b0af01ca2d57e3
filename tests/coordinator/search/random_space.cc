#include "tests/coordinator/search/random_space.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/check.h"
#include "google/protobuf/util/json_util.h"

namespace caviar::search {
namespace {

using google::protobuf::Value;

Value Number(double number) {
  Value value;
  value.set_number_value(number);
  return value;
}

Value Word(const std::string& word) {
  Value value;
  value.set_string_value(word);
  return value;
}

void SetReal(Rng& rng, v1::Range* range, double min, double max) {
  const double a = min + (max - min) * rng.Uniform();
  const double b = min + (max - min) * rng.Uniform();
  range->set_min(std::min(a, b));
  range->set_max(rng.UniformInt(8) == 0 ? std::min(a, b) : std::max(a, b));
}

void SetInt(Rng& rng, v1::IntRange* range, int min) {
  range->set_min(min + static_cast<int>(rng.UniformInt(5)));
  range->set_max(range->min() + static_cast<int>(rng.UniformInt(4)));
}

// The domain, and the values a child may depend on (none for a real one).
std::pair<v1::Domain, std::vector<Value>> RandomDomain(Rng& rng) {
  v1::Domain domain;
  std::vector<Value> values;
  switch (rng.UniformInt(8)) {
    case 0:
      SetReal(rng, domain.mutable_uniform(), -5, 5);
      break;
    case 1:
      SetReal(rng, domain.mutable_log(), 1e-5, 1);
      break;
    case 2:
      SetReal(rng, domain.mutable_log_complement(), 0, 0.9999);
      break;
    case 3:
      SetReal(rng, domain.mutable_reverse_log(), 0.1, 10);
      break;
    case 4:
      SetInt(rng, domain.mutable_int_(), -2);
      for (int i = domain.int_().min(); i <= domain.int_().max(); ++i) values.push_back(Number(i));
      break;
    case 5:
      SetInt(rng, domain.mutable_int_log(), 1);
      for (int i = domain.int_log().min(); i <= domain.int_log().max(); ++i) {
        values.push_back(Number(i));
      }
      break;
    case 6:
      for (uint32_t i = 0; i <= rng.UniformInt(4); ++i) values.push_back(Number(10.5 * i));
      for (const Value& value : values) *domain.mutable_values()->add_values() = value;
      break;
    default:
      for (uint32_t i = 0; i <= rng.UniformInt(4); ++i)
        values.push_back(Word(absl::StrCat("w", i)));
      for (const Value& value : values) *domain.mutable_choice()->add_values() = value;
      break;
  }
  return {domain, values};
}

}  // namespace

v1::JobSpec SpecFromJson(absl::string_view json) {
  v1::JobSpec spec;
  const auto status = google::protobuf::util::JsonStringToMessage(std::string(json), &spec);
  CAVIAR_CHECK(status.ok()) << status.ToString() << " in " << std::string(json);
  return spec;
}

Space SpaceFromJson(absl::string_view json_of_space) {
  const v1::JobSpec spec = SpecFromJson(absl::StrCat("{\"space\": ", json_of_space, "}"));
  absl::StatusOr<Space> space = Space::Create(spec.space());
  CAVIAR_CHECK(space.ok()) << space.status().ToString();
  return *std::move(space);
}

google::protobuf::Map<std::string, v1::Domain> RandomDomains(Rng& rng, int parameters_max) {
  google::protobuf::Map<std::string, v1::Domain> domains;
  std::vector<std::pair<std::string, std::vector<Value>>> parents;
  const int count = 1 + static_cast<int>(rng.UniformInt(parameters_max));
  for (int i = 0; i < count; ++i) {
    // Names fall in no order that creation or conditions would follow.
    const std::string name = absl::StrCat("p", rng.UniformInt(1000), "_", i);
    auto [domain, values] = RandomDomain(rng);
    if (!parents.empty() && rng.UniformInt(2) == 0) {
      for (uint32_t n = 0; n <= rng.UniformInt(2); ++n) {
        const auto& [parent, parent_values] =
            parents[rng.UniformInt(static_cast<uint32_t>(parents.size()))];
        auto& when = (*domain.mutable_when())[parent];
        when.clear_values();
        for (const Value& value : parent_values) {
          if (rng.UniformInt(2) == 0) *when.add_values() = value;
        }
        if (when.values_size() == 0) *when.add_values() = parent_values.front();
      }
    }
    if (!values.empty()) parents.emplace_back(name, values);
    domains[name] = domain;
  }
  return domains;
}

v1::JobSpec WithRandomConstraints(const google::protobuf::Map<std::string, v1::Domain>& domains,
                                  Rng& rng) {
  v1::JobSpec spec;
  *spec.mutable_space() = domains;
  const absl::StatusOr<Space> space = Space::Create(domains);
  CAVIAR_CHECK(space.ok());
  // All of them hold at this point, so there is one.
  std::vector<double> unit(space->size());
  for (double& place : unit) place = rng.Uniform();
  const Point point = space->AtUnit(unit);
  std::vector<std::string> numbers;
  for (int i = 0; i < space->size(); ++i) {
    if (space->parameter(i).AtUnit(0.5).has_number_value()) {
      numbers.push_back(space->parameter(i).name());
    }
  }
  if (numbers.empty()) return spec;
  for (uint32_t c = 0; c <= rng.UniformInt(2); ++c) {
    const std::string& a = numbers[rng.UniformInt(static_cast<uint32_t>(numbers.size()))];
    const std::string& b = numbers[rng.UniformInt(static_cast<uint32_t>(numbers.size()))];
    const double factor = 1 + rng.UniformInt(5);
    const auto at = [&point](const std::string& name) {
      const auto value = point.fields().find(name);
      return value == point.fields().end() ? 0 : value->second.number_value();
    };
    const double bound = factor * at(a) + at(b) + 0.2 * rng.Uniform();
    spec.add_constraints(absl::StrCat(factor, " * ", a, " + ", b,
                                      " <= ", absl::StrFormat("%.17g", std::max(bound, 0.0)),
                                      bound < 0 ? absl::StrFormat(" - %.17g", -bound) : ""));
  }
  return spec;
}

std::string PointText(const Point& point) {
  std::map<std::string, std::string> fields;
  for (const auto& [name, value] : point.fields()) fields[name] = ValueText(value);
  std::string text;
  for (const auto& [name, value] : fields) absl::StrAppend(&text, name, "=", value, " ");
  return text;
}

}  // namespace caviar::search
