// Deadlines by key: at most one a key, the earliest found in O(1), changed in O(log n).
//
// Threads: thread-compatible.
// Determinism: equal deadlines come out in the order of their keys.
#ifndef CAVIAR_COORDINATOR_ENGINE_DEADLINE_TABLE_H_
#define CAVIAR_COORDINATOR_ENGINE_DEADLINE_TABLE_H_

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/time/time.h"

namespace caviar::engine {

template <typename Key>
class DeadlineTable {
 public:
  // Replaces the key's deadline.
  void Set(const Key& key, absl::Time deadline) {
    const auto [entry, is_new] = by_key_.try_emplace(key, deadline);
    if (!is_new) {
      if (entry->second == deadline) return;
      by_time_.erase({entry->second, key});
      entry->second = deadline;
    }
    by_time_.insert({deadline, key});
  }

  void Clear(const Key& key) {
    const auto entry = by_key_.find(key);
    if (entry == by_key_.end()) return;
    by_time_.erase({entry->second, key});
    by_key_.erase(entry);
  }

  // Every deadline later by `gap`.
  void Shift(absl::Duration gap) {
    by_time_.clear();
    for (auto& [key, deadline] : by_key_) {
      deadline += gap;
      by_time_.insert({deadline, key});
    }
  }

  // Takes out the earliest key that is due at `now`.
  std::optional<Key> TakeDue(absl::Time now) {
    if (by_time_.empty() || by_time_.begin()->first > now) return std::nullopt;
    Key key = by_time_.begin()->second;
    Clear(key);
    return key;
  }

  std::optional<absl::Time> Find(const Key& key) const {
    const auto entry = by_key_.find(key);
    if (entry == by_key_.end()) return std::nullopt;
    return entry->second;
  }

  // InfiniteFuture when empty.
  absl::Time next() const {
    return by_time_.empty() ? absl::InfiniteFuture() : by_time_.begin()->first;
  }

 private:
  std::map<Key, absl::Time> by_key_;
  std::set<std::pair<absl::Time, Key>> by_time_;
};

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_DEADLINE_TABLE_H_
