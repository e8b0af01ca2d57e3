// The worker's directory: who it is (an id kept for good, an incarnation that grows with each
// start) and what it has fetched. One process at a time owns it.
//
//   lock         flock of the owner
//   identity     "ID INCARNATION\n"
//   artifacts/   verified files by digest (artifact_cache.h)
//
// Threads: thread-compatible.
// Errors:  kFailedPrecondition when another process owns it; else what the file system says.
#ifndef CAVIAR_WORKER_SESSION_CACHE_DIRECTORY_H_
#define CAVIAR_WORKER_SESSION_CACHE_DIRECTORY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/file/directory_lock.h"

namespace caviar::session {

class CacheDirectory {
 public:
  // Creates it if it is missing, locks it, counts the incarnation up.
  static absl::StatusOr<CacheDirectory> Open(const std::string& path);
  // `path`, or path-2, path-3 … where others own those: several workers on one machine.
  static absl::StatusOr<CacheDirectory> OpenFirstFree(const std::string& path);

  const std::string& path() const { return path_; }
  const std::string& worker_id() const { return worker_id_; }
  uint32_t incarnation() const { return incarnation_; }
  // 1 for `path` itself, else the number that was appended.
  int sibling() const { return sibling_; }

 private:
  CacheDirectory(std::string path, DirectoryLock lock);
  absl::Status LoadIdentity();

  std::string path_;
  DirectoryLock lock_;
  std::string worker_id_;
  uint32_t incarnation_ = 0;
  int sibling_ = 1;
};

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_CACHE_DIRECTORY_H_
