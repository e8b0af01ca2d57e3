#include "tests/e2e/scratch_directory.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace caviar::e2e {

ScratchDirectory::ScratchDirectory() {
  path_ = testing::TempDir() + "/caviar_e2e_XXXXXX";
  EXPECT_NE(mkdtemp(path_.data()), nullptr);
}

ScratchDirectory::~ScratchDirectory() {
  if (testing::Test::HasFailure()) {
    std::cerr << "kept for inspection: " << path_ << "\n";
  } else {
    std::filesystem::remove_all(path_);
  }
}

std::string ScratchDirectory::Write(const std::string& name, const std::string& text) const {
  const std::string path = path_ + "/" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

}  // namespace caviar::e2e
