// A directory of the test's own, removed with everything in it when the test has passed; kept, and
// named, when it has failed.
#ifndef CAVIAR_TESTS_E2E_SCRATCH_DIRECTORY_H_
#define CAVIAR_TESTS_E2E_SCRATCH_DIRECTORY_H_

#include <string>

namespace caviar::e2e {

class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }
  // path()/name.
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  // Writes a file below it and returns its path.
  std::string Write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

}  // namespace caviar::e2e

#endif  // CAVIAR_TESTS_E2E_SCRATCH_DIRECTORY_H_
