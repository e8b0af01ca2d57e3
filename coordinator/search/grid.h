// The grid over a space: every combination of chosen places, counted and numbered, conditions
// included.
//
// A real or whole-number domain has `points` places spread evenly on its scale, both ends among
// them (fewer where whole numbers coincide); a list has all its values. Parameters that a
// combination makes inactive multiply nothing, so each point occurs once, and combinations that a
// constraint does not allow are none. Combinations go in
// lexicographic order of the space's topological order: its last parameter moves fastest.
//
// Threads:     immutable after the constructor; thread-safe.
// Determinism: a function of (space, points).
#ifndef CAVIAR_COORDINATOR_SEARCH_GRID_H_
#define CAVIAR_COORDINATOR_SEARCH_GRID_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "coordinator/search/space.h"

namespace caviar::search {

// Most places of a domain; no grid over two parameters can use more within kSizeMax.
inline constexpr int kGridPointsMax = 1000;

class Grid {
 public:
  // Counting stops here, so that a hopeless grid is refused in no time.
  static constexpr uint64_t kSizeMax = 1'000'000;

  // Requires: points >= 1; `space` outlives the grid.
  Grid(const Space& space, int points);

  // Counting remembers one number a combination of values that later conditions look at, and of the
  // sums that constraints have come to. A space in
  // which so many of them matter counts as too large, too: it would be minutes until it is known.
  static constexpr size_t kCompletionsMax = 10'000;

  // Number of combinations, 0 if constraints allow none; kSizeMax + 1 stands for more than
  // kSizeMax, or kCompletionsMax.
  uint64_t size() const { return size_; }

  // Combination `index`. Requires: index < size() <= kSizeMax.
  Point At(uint64_t index) const;

 private:
  // Combinations of the parameters from `depth` of the topological order on, given `point` so far.
  // `point` is the same again afterwards.
  uint64_t CountFrom(size_t depth, Point& point);
  // Stands for all points that have the same completions from `depth` on: the values of parents
  // that later conditions look at, and sums of constraints that later parameters are in.
  std::string CompletionKey(size_t depth, const Point& point) const;
  // What the constraint's terms before `depth` come to, as far as later ones are still to be added.
  std::string SumKey(const Constraint& constraint, size_t depth, const Point& point) const;

  const Space* space_;
  std::vector<std::vector<google::protobuf::Value>> places_;  // by parameter index
  std::vector<std::vector<int>> parents_needed_;              // by depth
  std::vector<size_t> depths_;                                // by parameter index
  std::map<std::string, uint64_t> counts_;                    // by completion key
  uint64_t size_ = 0;
};

// The most places a continuous domain can have for the grid to fit `trials`; at least 2,
// at most kGridPointsMax. (Constraints may let fewer places make more combinations: then it is some
// number that fits.)
int GridPointsForBudget(const Space& space, int trials);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_GRID_H_
