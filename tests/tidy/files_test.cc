// What can be said of every source file: it is short, opens with its contract, and holds none of
// the things that the house has banned.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/tidy/source_tree.h"

namespace caviar::tidy {
namespace {

constexpr size_t kLinesMax = 600;
// Files that may be longer, each with its reason.
const std::map<std::string, size_t> kLongFiles = {};

bool IsTest(const SourceFile& file) { return absl::StartsWith(file.path, "tests/"); }

// Every line of `files` that matches, as "path:line: text".
std::vector<std::string> Matches(const std::vector<SourceFile>& files, const std::regex& pattern) {
  std::vector<std::string> found;
  for (const SourceFile& file : files) {
    for (size_t i = 0; i < file.lines.size(); ++i) {
      if (std::regex_search(file.lines[i], pattern)) {
        found.push_back(absl::StrCat(file.path, ":", i + 1, ": ", file.lines[i]));
      }
    }
  }
  return found;
}

TEST(FilesTest, NoneIsTooLong) {
  for (const SourceFile& file : ReadSourceTree({".h", ".cc", ".proto", ".py", ".sh"})) {
    const auto exception = kLongFiles.find(file.path);
    const size_t limit = exception == kLongFiles.end() ? kLinesMax : exception->second;
    EXPECT_LE(file.lines.size(), limit) << file.path << ": split it, one concept a file";
  }
}

TEST(FilesTest, EveryHeaderOpensWithItsContract) {
  for (const SourceFile& file : ReadSourceTree({".h"})) {
    ASSERT_FALSE(file.lines.empty()) << file.path;
    EXPECT_TRUE(absl::StartsWith(file.lines[0], "// ")) << file.path << ": say what it is";
  }
}

TEST(FilesTest, GuardsAreNamedAfterThePath) {
  for (const SourceFile& file : ReadSourceTree({".h"})) {
    std::string guard = absl::StrCat("CAVIAR_", file.path, "_");
    std::transform(guard.begin(), guard.end(), guard.begin(), [](unsigned char c) {
      return std::isalnum(c) ? static_cast<char>(std::toupper(c)) : '_';
    });
    const std::string wanted = "#ifndef " + guard;
    // Highway includes its per-target headers several times, under a toggle instead of a guard.
    const bool is_highway = absl::EndsWith(file.path, "-inl.h");
    EXPECT_TRUE(is_highway ||
                std::find(file.lines.begin(), file.lines.end(), wanted) != file.lines.end())
        << file.path << ": wants " << wanted;
  }
}

TEST(FilesTest, NothingIsLeftForLater) {
  const std::regex marks(R"re(\b(TO)DO\b|\bFIX(ME)\b|\bXX(X)\b|\bHA(CK)\b)re");
  EXPECT_EQ(Matches(ReadSourceTree({".h", ".cc", ".proto", ".py", ".sh", "CMakeLists.txt"}), marks),
            std::vector<std::string>());
}

TEST(FilesTest, TimedWaitsFollowTheMonotonicClock) {
  // In Debian 12's Abseil these follow the wall clock: stepping it back an hour adds an hour.
  const std::regex waits(
      R"re(WaitWith(Timeout|Deadline)|AwaitWith(Timeout|Deadline)|WaitForNotificationWith)re");
  std::vector<SourceFile> files = ReadSourceTree({".h", ".cc"});
  std::erase_if(files, IsTest);
  EXPECT_EQ(Matches(files, waits), std::vector<std::string>()) << "use std::condition_variable";
}

TEST(FilesTest, UnitTestsNeverSleep) {
  const std::regex sleeps(R"re(\b(sleep_for|SleepFor|usleep|nanosleep)\s*\()re");
  std::vector<SourceFile> files = ReadSourceTree({"_test.cc"});
  EXPECT_EQ(Matches(files, sleeps), std::vector<std::string>())
      << "inject the clock, or wait for the event itself";
}

TEST(FilesTest, TheHouseDoesNotThrow) {
  std::vector<SourceFile> files = ReadSourceTree({".h", ".cc"});
  std::erase_if(files, IsTest);
  EXPECT_EQ(Matches(files, std::regex(R"re(^\s*throw\b)re")), std::vector<std::string>());
}

TEST(FilesTest, PackagesAreListedInOnePlace) {
  std::vector<SourceFile> files = ReadSourceTree({".sh"});
  std::erase_if(
      files, [](const SourceFile& file) { return file.path == "deploy/install_dependencies.sh"; });
  EXPECT_EQ(Matches(files, std::regex("apt(-get)? .*install")), std::vector<std::string>());
}

TEST(FilesTest, NoPathOfOneMachine) {
  const std::regex paths(R"re((^|[^A-Za-z0-9_.])/(home|root|work)/)re");
  EXPECT_EQ(Matches(ReadSourceTree({".h", ".cc", ".proto", ".py", ".sh", ".txt"}), paths),
            std::vector<std::string>());
}

TEST(FilesTest, TestFoldersMirrorTheTree) {
  const std::filesystem::path top = CAVIAR_SOURCE_DIR;
  for (const SourceFile& file : ReadSourceTree({"_test.cc"})) {
    for (const char* side : {"common/", "coordinator/", "worker/", "client/"}) {
      const std::string prefix = absl::StrCat("tests/", side);
      if (!absl::StartsWith(file.path, prefix)) continue;
      const std::string folder = file.path.substr(6, file.path.rfind('/') - 6);
      EXPECT_TRUE(std::filesystem::is_directory(top / folder)) << file.path << " tests no folder";
    }
  }
}

}  // namespace
}  // namespace caviar::tidy
