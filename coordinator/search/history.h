// A job's trials as samplers see them: which points were tried, and the best of those that ended
// with a value. Kept up to date trial by trial, so that no proposal has to look at all of them.
//
// Threads:     thread-compatible.
// Ownership:   of the best trials it keeps pointers; their points outlive it where they are. Of the
//              others it keeps eight bytes each.
// Determinism: a function of what was added, in any order.
#ifndef CAVIAR_COORDINATOR_SEARCH_HISTORY_H_
#define CAVIAR_COORDINATOR_SEARCH_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_set.h"
#include "caviar/v1/job.pb.h"
#include "coordinator/search/space.h"

namespace caviar::search {

class History {
 public:
  // More of them tell a sampler nothing new about where good points lie.
  static constexpr size_t kBestMax = 64;

  // Requires: not DIRECTION_UNSPECIFIED.
  explicit History(v1::Objective::Direction direction);
  History() : History(v1::Objective::MAXIMIZE) {}

  // A trial with this point was created. O(d).
  void AddPoint(const Point& point);

  // A trial of another job, with its value (warm start): among the best like a trial of this one,
  // but not a point that was tried. Requires: before any AddValue().
  void AddPrior(const Point* point, double value);
  bool has_priors() const { return priors_ > 0; }

  // A trial ended: with the objective at its best epoch as measured, not negated. Trials that ended
  // without one, or diverged, are not told. One that comes to a rung of the trial scheduler is told
  // before, with its best value at rungs so far; a later value of a trial takes the place of an
  // earlier one. A value that is not finite, or not better than the trial's last, changes nothing.
  // O(64).
  void AddValue(uint32_t trial_number, const Point* point, double value);

  // Whether a trial with this point was created. By a hash of 64 bits: once in 10^13 questions a
  // point is taken for one that was tried. O(d).
  bool Contains(const Point& point) const;

  // Points of the best values, the best one first, equal ones by trial number; as many as there are
  // up to `count`. Requires: count <= kBestMax.
  std::vector<const Point*> Best(size_t count) const;

 private:
  struct Entry {
    double key = 0;             // smaller is better
    uint32_t trial_number = 0;  // 0 for one of another job …
    const Point* point = nullptr;
    uint32_t prior = 0;  // … of which there may be several
    friend bool operator<(const Entry& a, const Entry& b) {
      return std::tie(a.key, a.trial_number, a.prior) < std::tie(b.key, b.trial_number, b.prior);
    }
  };

  void Insert(const Entry& entry);
  double KeyOf(double value) const;

  v1::Objective::Direction direction_;
  absl::flat_hash_set<uint64_t> points_;  // only asked, never gone through
  absl::btree_set<Entry> best_;
  uint32_t priors_ = 0;
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_HISTORY_H_
