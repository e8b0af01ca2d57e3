// A directory of its own for a test, removed with the object.
#ifndef CAVIAR_TESTS_WORKER_RUNTIME_TEMPORARY_DIRECTORY_H_
#define CAVIAR_TESTS_WORKER_RUNTIME_TEMPORARY_DIRECTORY_H_

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "common/status/check.h"

namespace caviar {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string path = (std::filesystem::temp_directory_path() / "caviar-XXXXXX").string();
    CAVIAR_CHECK(mkdtemp(path.data()) != nullptr);
    path_ = path;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace caviar

#endif  // CAVIAR_TESTS_WORKER_RUNTIME_TEMPORARY_DIRECTORY_H_
