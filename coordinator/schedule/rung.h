// The trials that came to one rung, best first, and which of them may be promoted: those that wait
// among the top ones.
//
// Threads:     thread-compatible.
// Units:       a key is a value turned so that smaller is better; infinite is the worst.
// Determinism: a function of what is in it; equal keys go by trial number.
#ifndef CAVIAR_COORDINATOR_SCHEDULE_RUNG_H_
#define CAVIAR_COORDINATOR_SCHEDULE_RUNG_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"

namespace caviar::schedule {

class Rung {
 public:
  enum class Status : uint8_t {
    kArrived,  // still on its worker
    kWaiting,  // paused: may be promoted
    kGone,     // promoted, or ended: it only counts for the ranking
  };

  // Requires: the trial is new here. O(log n).
  void Insert(uint32_t trial, double key);
  // Requires: it was inserted. Nothing leaves kGone. O(log n).
  void SetStatus(uint32_t trial, Status status);
  // How many of the best are the top ones. O(log n) for each trial that comes in or falls out.
  void SetTop(size_t wanted);

  size_t size() const { return members_.size(); }
  // As was set; fewer may be there.
  size_t top() const { return wanted_; }
  bool Contains(uint32_t trial) const { return members_.contains(trial); }
  bool IsInTop(uint32_t trial) const;
  // Top ones that are neither promoted nor ended.
  size_t undecided() const { return undecided_; }

  // The best trial that waits in the top; then the best that waits at all.
  std::optional<uint32_t> BestOfTop() const;
  std::optional<uint32_t> BestWaiting() const;
  // Requires: it was inserted.
  double KeyOf(uint32_t trial) const { return members_.at(trial).key; }

 private:
  struct Entry {
    double key = 0;
    uint32_t trial = 0;
    friend bool operator<(const Entry& a, const Entry& b) {
      return a.key != b.key ? a.key < b.key : a.trial < b.trial;
    }
  };
  using Entries = absl::btree_set<Entry>;
  struct Member {
    double key = 0;
    Status status = Status::kArrived;
    bool is_in_top = false;
  };
  void Place(const Entry& entry, bool is_in_top);
  void Displace(const Entry& entry);

  absl::flat_hash_map<uint32_t, Member> members_;  // only asked, never gone through
  Entries top_, rest_;
  Entries waiting_top_, waiting_rest_;
  size_t wanted_ = 0;
  size_t undecided_ = 0;
};

}  // namespace caviar::schedule

#endif  // CAVIAR_COORDINATOR_SCHEDULE_RUNG_H_
