// Exclusive ownership of a directory by one process, released by the kernel when the process ends
// in any way (flock on DIRECTORY/lock).
//
// Errors: kFailedPrecondition naming the directory and the pid that holds it.
#ifndef CAVIAR_COMMON_FILE_DIRECTORY_LOCK_H_
#define CAVIAR_COMMON_FILE_DIRECTORY_LOCK_H_

#include <string>

#include "absl/status/statusor.h"

namespace caviar {

class DirectoryLock {
 public:
  // Requires: the directory exists.
  static absl::StatusOr<DirectoryLock> Acquire(const std::string& directory);

  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace caviar

#endif  // CAVIAR_COMMON_FILE_DIRECTORY_LOCK_H_
