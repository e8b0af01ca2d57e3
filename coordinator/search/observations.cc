#include "coordinator/search/observations.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "common/status/check.h"

namespace caviar::search {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

bool HasCells(const Parameter& parameter) {
  if (parameter.kind() == Parameter::Kind::kReal) return false;
  return parameter.kind() == Parameter::Kind::kChoice ||
         *parameter.cardinality() <= Observations::kCellsMax;
}

}  // namespace

bool operator<(const Observations::Ranked& a, const Observations::Ranked& b) {
  if (a.outcome != b.outcome) return a.outcome < b.outcome;
  if (a.epochs != b.epochs) return a.epochs > b.epochs;
  if (a.loss != b.loss) return a.loss < b.loss;
  return a.row < b.row;
}

Observations::Observations(const Space& space, v1::Objective::Direction direction)
    : direction_(direction), columns_(space.size()), cells_(space.size()) {
  CAVIAR_CHECK(direction != v1::Objective::DIRECTION_UNSPECIFIED);
}

void Observations::AddPrior(const Space& space, const Point& point, std::optional<double> value) {
  CAVIAR_CHECK(priors_ == rows_.size()) << "after " << rows_.size() - priors_ << " trials";
  if (value.has_value() && !std::isfinite(*value)) return;
  Append(space, point,
         {.outcome = value.has_value() ? Outcome::kCompleted : Outcome::kInfeasible,
          .loss = value.has_value() ? LossOf(*value) : kNone});
  Rank(priors_++);
}

void Observations::AddTrial(const Space& space, const Point& point, uint32_t note) {
  Append(space, point, {.loss = kNone, .note = note});
}

void Observations::ReportRung(uint32_t number, std::optional<double> value, uint32_t epochs) {
  EndTrial(number, Outcome::kPruned, value, epochs);
  if (!value.has_value() || !std::isfinite(*value)) return;
  rungs_[epochs].emplace_back(priors_ + number - 1, LossOf(*value));
}

void Observations::EndTrial(uint32_t number, Outcome outcome, std::optional<double> value,
                            uint32_t epochs) {
  CAVIAR_CHECK(number >= 1 && priors_ + number <= rows_.size()) << "trial " << number;
  CAVIAR_CHECK(outcome != Outcome::kPending) << "trial " << number;
  const size_t index = priors_ + number - 1;
  ++reports_;
  Row& row = rows_[index];
  CAVIAR_CHECK(row.outcome == Outcome::kPending || row.outcome == Outcome::kPruned)
      << "trial " << number << " ended twice";
  if (row.outcome == Outcome::kPruned) Unrank(index);
  row.outcome = outcome;
  row.epochs = epochs;
  row.loss = value.has_value() && std::isfinite(*value) ? LossOf(*value) : kNone;
  Rank(index);
}

Observations Observations::AtHighestRung(size_t rows_min) const {
  std::vector<double> losses(rows_.size(), kNone);  // of what came to the level
  size_t completed = 0;
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].outcome != Outcome::kCompleted || std::isnan(rows_[i].loss)) continue;
    losses[i] = rows_[i].loss;
    ++completed;
  }
  if (completed < rows_min && !rungs_.empty()) {
    auto level = rungs_.rbegin();
    while (level->second.size() < rows_min && std::next(level) != rungs_.rend()) ++level;
    if (level->second.size() > completed) {
      std::fill(losses.begin(), losses.end(), kNone);
      for (const auto& [row, loss] : level->second) losses[row] = loss;
    }
  }
  Observations at;
  at.direction_ = direction_;
  at.columns_.resize(columns_.size());
  at.cells_.resize(cells_.size());
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (!std::isnan(losses[i])) {
      at.CopyRow(*this, i, {.outcome = Outcome::kCompleted, .loss = losses[i]});
      at.Rank(at.rows_.size() - 1);
    } else if (rows_[i].outcome == Outcome::kPending || rows_[i].outcome == Outcome::kInfeasible) {
      at.CopyRow(*this, i, rows_[i]);
      if (rows_[i].outcome == Outcome::kInfeasible) at.Rank(at.rows_.size() - 1);
    }
  }
  return at;
}

void Observations::CopyRow(const Observations& other, size_t from, const Row& row) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    columns_[i].push_back(other.columns_[i][from]);
    if (!other.cells_[i].empty()) cells_[i].push_back(other.cells_[i][from]);
  }
  rows_.push_back(row);
}

void Observations::Append(const Space& space, const Point& point, const Row& row) {
  const std::vector<std::optional<double>> place = space.UnitOf(point);
  for (int i = 0; i < space.size(); ++i) {
    columns_[i].push_back(place[i].value_or(kNone));
    const Parameter& parameter = space.parameter(i);
    if (!HasCells(parameter)) continue;
    cells_[i].push_back(place[i].has_value() ? static_cast<uint16_t>(parameter.CellAt(*place[i]))
                                             : kNoCell);
  }
  rows_.push_back(row);
}

Observations::Ranked Observations::RankedOf(size_t index) const {
  const Row& row = rows_[index];
  if (std::isnan(row.loss) || row.outcome == Outcome::kInfeasible) {
    return {.outcome = Outcome::kInfeasible, .row = index};
  }
  // A completed trial's epochs say nothing about how good it is.
  return {.outcome = row.outcome,
          .epochs = row.outcome == Outcome::kPruned ? row.epochs : 0,
          .loss = row.loss,
          .row = index};
}

void Observations::Rank(size_t index) {
  const Ranked ranked = RankedOf(index);
  ranking_.insert(ranked);
  if (ranked.outcome != Outcome::kInfeasible) ++valued_;
}

void Observations::Unrank(size_t index) {
  const Ranked ranked = RankedOf(index);
  ranking_.erase(ranked);
  if (ranked.outcome != Outcome::kInfeasible) --valued_;
}

double Observations::LossOf(double value) const {
  return direction_ == v1::Objective::MINIMIZE ? value : -value;
}

}  // namespace caviar::search
