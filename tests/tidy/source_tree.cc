#include "tests/tidy/source_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"

namespace caviar::tidy {
namespace {

SourceFile Read(const std::filesystem::path& path, const std::filesystem::path& top) {
  SourceFile file{path.lexically_relative(top).string(), {}};
  std::ifstream in(path);
  EXPECT_TRUE(in.is_open()) << path;
  for (std::string line; std::getline(in, line);) file.lines.push_back(line);
  return file;
}

}  // namespace

std::vector<SourceFile> ReadSourceTree(const std::vector<std::string>& endings) {
  const std::filesystem::path top = CAVIAR_SOURCE_DIR;
  std::vector<SourceFile> files;
  for (const char* folder :
       {"proto", "common", "coordinator", "worker", "client", "tests", "deploy"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(top / folder)) {
      const std::string name = entry.path().filename().string();
      const bool wanted = std::any_of(endings.begin(), endings.end(), [&](const std::string& end) {
        return absl::EndsWith(name, end);
      });
      if (entry.is_regular_file() && wanted) files.push_back(Read(entry.path(), top));
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace caviar::tidy
