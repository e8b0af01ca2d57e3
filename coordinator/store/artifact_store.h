// Content-addressed bytes in a directory: data sets, checkpoints and models, each a file named by
// its SHA-256 (DIR/ab/abcdef…).
//
// Threads:    thread-safe.
// Durability: a digest that was returned or confirmed survives power loss.
// Errors:     kNotFound naming the digest; kInvalidArgument for text that is no digest; kDataLoss
//             when bytes do not hash to their name; kResourceExhausted when the disk is full.
#ifndef CAVIAR_COORDINATOR_STORE_ARTIFACT_STORE_H_
#define CAVIAR_COORDINATOR_STORE_ARTIFACT_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace caviar::store {

class ArtifactStore {
 public:
  // Creates the directory if needed and removes what an interrupted write left.
  static absl::StatusOr<std::unique_ptr<ArtifactStore>> Open(const std::string& directory);

  // Receives one artifact piece by piece; without Finish nothing remains.
  class Writer {
   public:
    virtual ~Writer() = default;
    virtual absl::Status Append(absl::string_view bytes) = 0;
    // Durable on return. kDataLoss when the bytes do not hash to `expected_digest` (skipped when
    // empty). Returns the digest.
    virtual absl::StatusOr<std::string> Finish(absl::string_view expected_digest) = 0;
  };
  absl::StatusOr<std::unique_ptr<Writer>> StartWrite();

  // Takes over a finished file of the same file system. Returns its digest.
  absl::StatusOr<std::string> Adopt(const std::string& path);

  bool Contains(absl::string_view digest) const;
  absl::StatusOr<uint64_t> Size(absl::string_view digest) const;
  // At most `length` bytes from `offset`; fewer only at the end.
  absl::StatusOr<std::string> Read(absl::string_view digest, uint64_t offset,
                                   uint64_t length) const;
  // For mapping. The file is immutable.
  absl::StatusOr<std::string> PathOf(absl::string_view digest) const;

  // A scratch path in the same file system, for Adopt.
  std::string TemporaryPath();

  absl::Status Remove(absl::string_view digest);
  // Removes artifacts that `is_referenced` denies and that were written before `older_than`: newer
  // ones may be about to be referenced.
  absl::Status CollectGarbage(const std::function<bool(absl::string_view digest)>& is_referenced,
                              absl::Time older_than);

 private:
  explicit ArtifactStore(std::string directory);
  std::string directory_;
};

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_ARTIFACT_STORE_H_
