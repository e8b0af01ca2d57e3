// How many records refer to each artifact. Two records may share a digest: identical jobs train
// identical models.
//
// Threads: thread-compatible.
#ifndef CAVIAR_COORDINATOR_ENGINE_ARTIFACT_REFERENCES_H_
#define CAVIAR_COORDINATOR_ENGINE_ARTIFACT_REFERENCES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"

namespace caviar::engine {

class ArtifactReferences {
 public:
  // A record came to refer to `digest`; empty is no reference.
  void Add(const std::string& digest) {
    if (!digest.empty()) ++counts_[digest];
  }

  // A record ceased to.
  void Remove(const std::string& digest) {
    if (digest.empty()) return;
    const auto count = counts_.find(digest);
    if (count == counts_.end()) return;
    if (--count->second > 0) return;
    counts_.erase(count);
    dropped_.insert(digest);
  }

  // Changes a record's field.
  void Assign(std::string* field, const std::string& digest) {
    if (*field == digest) return;
    Add(digest);
    Remove(*field);
    *field = digest;
  }

  // Digests that lost their last reference since the last call, in order.
  std::vector<std::string> TakeDropped() {
    std::vector<std::string> dropped;
    for (const std::string& digest : dropped_) {
      if (!counts_.contains(digest)) dropped.push_back(digest);
    }
    dropped_.clear();
    return dropped;
  }

  const absl::flat_hash_map<std::string, uint32_t>& counts() const { return counts_; }

 private:
  absl::flat_hash_map<std::string, uint32_t> counts_;
  absl::btree_set<std::string> dropped_;
};

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_ARTIFACT_REFERENCES_H_
