#include "coordinator/search/observations.h"

#include <cmath>
#include <limits>

#include "common/status/check.h"

namespace caviar::search {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

}  // namespace

Observations::Observations(const Space& space, v1::Objective::Direction direction)
    : direction_(direction), columns_(space.size()) {
  CAVIAR_CHECK(direction != v1::Objective::DIRECTION_UNSPECIFIED);
}

void Observations::AddPrior(const Space& space, const Point& point, double value) {
  CAVIAR_CHECK(priors_ == rows_.size()) << "after " << rows_.size() - priors_ << " trials";
  if (!std::isfinite(value)) return;
  Append(space, point, {.outcome = Outcome::kCompleted, .loss = LossOf(value)});
  ++priors_;
}

void Observations::AddTrial(const Space& space, const Point& point, uint32_t note) {
  Append(space, point, {.loss = kNone, .note = note});
}

void Observations::ReportRung(uint32_t number, std::optional<double> value, uint32_t epochs) {
  EndTrial(number, Outcome::kPruned, value, epochs);
}

void Observations::EndTrial(uint32_t number, Outcome outcome, std::optional<double> value,
                            uint32_t epochs) {
  CAVIAR_CHECK(number >= 1 && priors_ + number <= rows_.size()) << "trial " << number;
  CAVIAR_CHECK(outcome != Outcome::kPending) << "trial " << number;
  Row& row = rows_[priors_ + number - 1];
  row.outcome = outcome;
  row.epochs = epochs;
  row.loss = value.has_value() && std::isfinite(*value) ? LossOf(*value) : kNone;
}

void Observations::Append(const Space& space, const Point& point, const Row& row) {
  const std::vector<std::optional<double>> place = space.UnitOf(point);
  for (size_t i = 0; i < columns_.size(); ++i) columns_[i].push_back(place[i].value_or(kNone));
  rows_.push_back(row);
}

double Observations::LossOf(double value) const {
  return direction_ == v1::Objective::MINIMIZE ? value : -value;
}

}  // namespace caviar::search
