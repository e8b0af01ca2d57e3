// Trials in the order of their values, best first; equal values by trial number.
//
// Threads:     thread-compatible.
// Determinism: a pure function of what was placed.
#ifndef CAVIAR_COORDINATOR_ENGINE_LEADERBOARD_H_
#define CAVIAR_COORDINATOR_ENGINE_LEADERBOARD_H_

#include <cstdint>
#include <optional>

#include "absl/container/btree_set.h"
#include "caviar/v1/job.pb.h"

namespace caviar::engine {

class Leaderboard {
 public:
  struct Entry {
    double key = 0;  // smaller is better
    uint32_t trial = 0;
    friend bool operator<(const Entry& a, const Entry& b) {
      return a.key != b.key ? a.key < b.key : a.trial < b.trial;
    }
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  using Entries = absl::btree_set<Entry>;

  explicit Leaderboard(v1::Objective::Direction direction) : direction_(direction) {}

  // Moves a trial from its old value to a new one; nullopt is off the board.
  // Requires: values are finite; `from` is what was placed last. O(log n).
  void Move(uint32_t trial, std::optional<double> from, std::optional<double> to) {
    if (from.has_value()) entries_.erase(EntryOf(trial, *from));
    if (to.has_value()) entries_.insert(EntryOf(trial, *to));
  }

  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  uint32_t best() const { return entries_.begin()->trial; }
  uint32_t worst() const { return entries_.rbegin()->trial; }
  const Entries& entries() const { return entries_; }

 private:
  Entry EntryOf(uint32_t trial, double value) const {
    return {direction_ == v1::Objective::MINIMIZE ? value : -value, trial};
  }

  v1::Objective::Direction direction_;
  Entries entries_;
};

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_LEADERBOARD_H_
