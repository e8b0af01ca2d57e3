// Content-addressed bytes in a directory: data sets, checkpoints and models, each a file named by
// its SHA-256 (DIR/ab/abcdef…).
//
// Whoever opens the store owns the directory (the coordinator locks it): what an earlier process
// left half written is removed, and what it left not yet durable is made so. A file "closed" says
// that there is no such thing. It lies there while the store is closed, and nothing has to make it
// durable: what is seen after a power loss is what was on the disk.
//
// Threads:    thread-safe; a Writer has one owner at a time.
// Lifetime:   writers end before the store does.
// Durability: an artifact whose digest was returned survives power loss.
// Errors:     kNotFound naming the digest; kInvalidArgument for text that is no digest; kDataLoss
//             when bytes do not hash to their name; kResourceExhausted when the disk is full.
#ifndef CAVIAR_COORDINATOR_STORE_ARTIFACT_STORE_H_
#define CAVIAR_COORDINATOR_STORE_ARTIFACT_STORE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace caviar::store {

class ArtifactStore {
 public:
  // Creates the directory if needed. Waits for the disk some 256 times where a process that was
  // killed had it last, once else.
  static absl::StatusOr<std::unique_ptr<ArtifactStore>> Open(const std::string& directory);
  ~ArtifactStore();

  // Receives one artifact piece by piece; without Finish nothing remains.
  class Writer {
   public:
    virtual ~Writer() = default;
    virtual absl::Status Append(absl::string_view bytes) = 0;
    // Call once, last. Durable on return. kDataLoss when the bytes do not hash to `expected_digest`
    // (skipped when empty). Returns the digest.
    virtual absl::StatusOr<std::string> Finish(absl::string_view expected_digest) = 0;
  };
  absl::StatusOr<std::unique_ptr<Writer>> StartWrite();

  // Takes over a finished file of the same file system, durable on return. Returns its digest. On
  // an error the file stays where it is.
  absl::StatusOr<std::string> Adopt(const std::string& path);

  absl::StatusOr<uint64_t> Size(absl::string_view digest) const;
  // At most `length` bytes from `offset`; fewer only at the end.
  absl::StatusOr<std::string> Read(absl::string_view digest, uint64_t offset,
                                   uint64_t length) const;

  // A scratch path in the same file system, for Adopt.
  std::string TemporaryPath();

  // OK also when there is nothing to remove.
  absl::Status Remove(absl::string_view digest);
  // Artifacts that were written, or written again, before `time`, in no order. `visit` may remove
  // them, after a look of its own at who is about to write the same bytes.
  absl::Status VisitOlderThan(absl::Time time,
                              const std::function<void(const std::string& digest)>& visit) const;

 private:
  class FileWriter;
  explicit ArtifactStore(std::string directory) : directory_(std::move(directory)) {}

  // kInvalidArgument for text that is no digest: nothing else may become part of a path.
  absl::StatusOr<std::string> PathFor(absl::string_view digest) const;
  // Gives a finished temporary file its name.
  absl::Status Place(const std::string& from, const std::string& digest);

  const std::string directory_;
  std::atomic<uint64_t> temporaries_ = 0;
  // A name may have been given that is not durable yet.
  std::atomic<bool> has_failed_ = false;
};

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_ARTIFACT_STORE_H_
