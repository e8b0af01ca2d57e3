// Data sets and checkpoints of the coordinator as files of this machine, by digest.
//
// A file is hashed once in each process before it is used, however it got here; one whose bytes are
// not those of its name is fetched again. A transfer that breaks or is stopped goes on from where
// it stood, also after a restart; what is there of one that failed is removed. When the files
// together exceed the bound, or the disk is full, those used longest ago are removed, never one in
// use.
//
// Threads:   thread-safe. Two that want the same artifact fetch it once.
// Ownership: the directory is the cache's alone; the transport must outlive it.
// Errors:    kNotFound when the coordinator has no such artifact, kCancelled by `stop`,
//            kInvalidArgument for what is no digest, file-system errors as they are. A broken link
//            is no error: it is tried again until `stop`.
#ifndef CAVIAR_WORKER_SESSION_ARTIFACT_CACHE_H_
#define CAVIAR_WORKER_SESSION_ARTIFACT_CACHE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/sync/mutex.h"
#include "worker/runtime/artifact_source.h"
#include "worker/session/artifact_client.h"

namespace caviar::session {

class ArtifactCache : public runtime::ArtifactSource {
 public:
  struct Options {
    std::string directory;             // created if missing
    uint64_t bytes_max = 20ull << 30;  // of unused files; what is in use may exceed it
    absl::Duration retry_first = absl::Milliseconds(500);  // then doubling …
    absl::Duration retry_last = absl::Seconds(10);         // … up to this
  };
  // Transfers that end with other bytes than promised: after this many, the coordinator's copy
  // must be broken.
  static constexpr int kCorruptTransfersMax = 3;

  static absl::StatusOr<std::unique_ptr<ArtifactCache>> Open(Options options,
                                                             ArtifactTransport& transport);

  absl::StatusOr<std::shared_ptr<const runtime::LocalArtifact>> Fetch(
      absl::string_view digest, std::stop_token stop) override;

 private:
  // A transfer's outcome. What the disk says is told apart: waiting does not help there.
  struct Transfer {
    absl::Status status;
    absl::Status disk;
    bool has_moved = false;  // any byte
    uint64_t missing = 0;    // bytes that it still lacks, if that is known
  };
  struct Entry {
    uint64_t bytes = 0;        // of the file, or of a part of it
    uint64_t used = 0;         // counts up with each use
    bool is_verified = false;  // in this process
    bool is_busy = false;      // somebody hashes or fetches it
    std::weak_ptr<const runtime::LocalArtifact> in_use;
  };

  ArtifactCache(Options options, ArtifactTransport& transport);
  absl::Status Scan();
  std::string PathOf(const std::string& digest) const;
  std::string PartialPathOf(const std::string& digest) const;
  // Leaves a verified file at PathOf(digest) and gives its size. Called without the lock, by the
  // one who set is_busy.
  absl::StatusOr<uint64_t> MakeReady(const std::string& digest, std::stop_token stop);
  absl::Status Download(const std::string& digest, std::stop_token stop);
  // One transfer into the partial file.
  Transfer DownloadOnce(const std::string& digest, std::stop_token stop);
  // False if there was nothing that could be removed.
  bool MakeRoom(uint64_t bytes);
  void EvictLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Removes unused files, those used longest ago first, until that many bytes are gone. Gives how
  // many are.
  uint64_t RemoveOldestLocked(uint64_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  ArtifactTransport& transport_;
  Mutex mutex_;
  CondVar changed_;
  uint64_t uses_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_ARTIFACT_CACHE_H_
