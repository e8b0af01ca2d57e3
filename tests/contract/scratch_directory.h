// A directory of a test's own, removed with all that is in it. In memory where that is possible:
// the tests sync thousands of times, and what a power loss takes is for FaultVfs to say.
//
// Threads: thread-compatible.
#ifndef CAVIAR_TESTS_CONTRACT_SCRATCH_DIRECTORY_H_
#define CAVIAR_TESTS_CONTRACT_SCRATCH_DIRECTORY_H_

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "common/status/check.h"

namespace caviar {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    const bool has_memory = access("/dev/shm", W_OK) == 0;
    const std::filesystem::path parent =
        has_memory ? "/dev/shm" : std::filesystem::temp_directory_path();
    std::string pattern = parent / "caviar-test-XXXXXX";
    CAVIAR_CHECK(mkdtemp(pattern.data()) != nullptr) << pattern;
    path_ = pattern;
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace caviar

#endif  // CAVIAR_TESTS_CONTRACT_SCRATCH_DIRECTORY_H_
