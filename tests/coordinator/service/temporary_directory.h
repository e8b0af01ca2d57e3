// A directory for one test, removed with all that is in it.
#ifndef CAVIAR_TESTS_COORDINATOR_SERVICE_TEMPORARY_DIRECTORY_H_
#define CAVIAR_TESTS_COORDINATOR_SERVICE_TEMPORARY_DIRECTORY_H_

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "common/status/check.h"

namespace caviar {

class TemporaryDirectory {
 public:
  TemporaryDirectory() : path_(std::filesystem::temp_directory_path() / "caviar-test-XXXXXX") {
    CAVIAR_CHECK(mkdtemp(path_.data()) != nullptr) << path_;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace caviar

#endif  // CAVIAR_TESTS_COORDINATOR_SERVICE_TEMPORARY_DIRECTORY_H_
