// What a job's trials have shown so far, as numbers that a model can learn from: one row a trial,
// one column a parameter. Rows of another job's trials (warm start) come first.
//
// Threads:     thread-compatible; a copy is a snapshot.
// Units and shapes: a column holds places on [0, 1] (Parameter::UnitOf), NaN where the parameter is
//              inactive; a column of cells the numbers of their cells, kNoCell likewise. A loss is
//              the objective turned so that smaller is better.
// Determinism: a function of the calls, in any order that a job can make them.
#ifndef CAVIAR_COORDINATOR_SEARCH_OBSERVATIONS_H_
#define CAVIAR_COORDINATOR_SEARCH_OBSERVATIONS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "caviar/v1/job.pb.h"
#include "coordinator/search/space.h"

namespace caviar::search {

class Observations {
 public:
  enum class Outcome : uint8_t {
    kPending,     // has not ended: no loss yet
    kCompleted,   // its value counts
    kPruned,      // stopped early: its value is that of `epochs`
    kInfeasible,  // diverged, or failed: to be avoided
  };

  struct Row {
    Outcome outcome = Outcome::kPending;
    // Epochs on the curve; 0 while pending.
    uint32_t epochs = 0;
    // NaN while pending, and where nothing was measured.
    double loss = 0;
    // Proposal::note of its trial.
    uint32_t note = 0;
  };

  // What ended, the best first: completed rows by loss; then pruned ones, those that came furthest
  // first, then by loss; then what has no loss or is infeasible. Equal ones by row.
  struct Ranked {
    Outcome outcome = Outcome::kInfeasible;
    uint32_t epochs = 0;
    double loss = 0;
    size_t row = 0;
    friend bool operator<(const Ranked& a, const Ranked& b);
  };

  // A choice, and any other parameter of at most so many values, has a column of cells.
  static constexpr uint64_t kCellsMax = 64;
  static constexpr uint16_t kNoCell = 65535;

  Observations() = default;
  // Requires: not DIRECTION_UNSPECIFIED.
  Observations(const Space& space, v1::Objective::Direction direction);

  // A trial of another job, with its value as measured; nullopt if it was infeasible. One that is
  // not finite is left out. Requires: before any AddTrial(). O(d).
  void AddPrior(const Space& space, const Point& point, std::optional<double> value);

  // The next trial was created: numbers count from 1. O(d).
  void AddTrial(const Space& space, const Point& point, uint32_t note = 0);

  // It came to a rung of the trial scheduler, with the objective there: counts as kPruned until it
  // comes to the next or ends.
  void ReportRung(uint32_t number, std::optional<double> value, uint32_t epochs);

  // It ended, with the objective at its best epoch as measured. Requires: outcome != kPending.
  // O(log rows).
  void EndTrial(uint32_t number, Outcome outcome, std::optional<double> value, uint32_t epochs);

  // What is known at one level of training: the trials that completed or, while there are fewer
  // than `rows_min` of them, those that came to the highest rung that so many came to, with what
  // they had there; they count as completed. Pending rows and infeasible ones stay what they are;
  // all others are left out. A copy, O(rows).
  Observations AtHighestRung(size_t rows_min) const;

  size_t rows() const { return rows_.size(); }
  int parameters() const { return static_cast<int>(columns_.size()); }
  size_t priors() const { return priors_; }
  // How often something new was told of a trial: ReportRung() and EndTrial().
  uint64_t reports() const { return reports_; }
  const Row& row(size_t index) const { return rows_[index]; }
  std::span<const double> column(int parameter) const { return columns_[parameter]; }
  // Empty for reals, and for more than kCellsMax values with an order.
  std::span<const uint16_t> cells(int parameter) const { return cells_[parameter]; }
  // Kept in order, so that no model has to sort.
  const absl::btree_set<Ranked>& ranking() const { return ranking_; }
  // Rows of the ranking that have a loss and are not infeasible: they come first.
  size_t valued() const { return valued_; }

 private:
  void Append(const Space& space, const Point& point, const Row& row);
  Ranked RankedOf(size_t index) const;
  void Rank(size_t index);
  void Unrank(size_t index);
  double LossOf(double value) const;
  // As row `from` of another one, with other contents.
  void CopyRow(const Observations& other, size_t from, const Row& row);

  v1::Objective::Direction direction_ = v1::Objective::MAXIMIZE;
  size_t priors_ = 0;
  uint64_t reports_ = 0;
  std::vector<Row> rows_;
  std::vector<std::vector<double>> columns_;
  std::vector<std::vector<uint16_t>> cells_;
  absl::btree_set<Ranked> ranking_;
  size_t valued_ = 0;
  // By epochs of a rung: index and loss of the rows that came there with one.
  std::map<uint32_t, std::vector<std::pair<size_t, double>>> rungs_;
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_OBSERVATIONS_H_
