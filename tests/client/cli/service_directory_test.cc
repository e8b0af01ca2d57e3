#include "client/cli/service_directory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "common/file/directory_lock.h"
#include "tests/client/cli/fake_programs.h"

namespace caviar::cli {
namespace {

class ServiceDirectoryTest : public testing::Test {
 protected:
  ServiceDirectoryTest() : folder_(FreshFolder(testing::TempDir() + "service_directory_test")) {}

  const std::string folder_;
};

TEST_F(ServiceDirectoryTest, TellsWhoHasMadeIt) {
  const std::string directory = folder_ + "/a/b/";
  EXPECT_EQ(*MakeServiceDirectory(directory), true);
  EXPECT_EQ(*MakeServiceDirectory(directory), false);
  EXPECT_TRUE(std::filesystem::is_directory(directory));
}

TEST_F(ServiceDirectoryTest, RefusesAFileOfThatName) {
  const std::string file = folder_ + "/file";
  std::ofstream(file) << "text";
  EXPECT_EQ(MakeServiceDirectory(file).status(),
            absl::FailedPreconditionError(file + " is no directory; give another --dir"));
  EXPECT_FALSE(MakeServiceDirectory(file + "/below").ok());
}

// Of two commands that started at once, the one that made it may be the one that failed.
TEST_F(ServiceDirectoryTest, RemovesNothingThatAProcessUses) {
  const std::string directory = folder_ + "/data";
  ASSERT_TRUE(MakeServiceDirectory(directory).ok());
  std::ofstream(directory + "/store.db") << "rows";
  {
    const auto lock = DirectoryLock::Acquire(directory);
    ASSERT_TRUE(lock.ok()) << lock.status();
    RemoveServiceDirectory(directory);
    EXPECT_TRUE(std::filesystem::exists(directory + "/store.db"));
  }
  RemoveServiceDirectory(directory);
  EXPECT_FALSE(std::filesystem::exists(directory));
}

}  // namespace
}  // namespace caviar::cli
