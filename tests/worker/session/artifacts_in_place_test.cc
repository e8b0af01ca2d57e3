#include "worker/session/artifacts_in_place.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest/sha256.h"
#include "tests/worker/runtime/temporary_directory.h"

namespace caviar::session {
namespace {

// Has everything, in a place that tells where it came from.
class Elsewhere : public runtime::ArtifactSource {
 public:
  absl::StatusOr<std::shared_ptr<const runtime::LocalArtifact>> Fetch(absl::string_view digest,
                                                                      std::stop_token) override {
    asked.emplace_back(digest);
    return std::make_shared<const runtime::LocalArtifact>(runtime::LocalArtifact{"elsewhere"});
  }
  std::vector<std::string> asked;
};

class ArtifactsInPlaceTest : public testing::Test {
 protected:
  std::string PathOf(const std::string& digest) const {
    return absl::StrCat(directory_.path(), "/", digest.substr(0, 2), "/", digest);
  }
  void Keep(const std::string& digest, const std::string& bytes) const {
    std::filesystem::create_directories(std::filesystem::path(PathOf(digest)).parent_path());
    std::ofstream(PathOf(digest), std::ios::binary) << bytes;
  }
  std::string Fetch(const std::string& digest) {
    const auto artifact = artifacts_.Fetch(digest, {});
    return artifact.ok() ? (*artifact)->path : artifact.status().ToString();
  }

  TemporaryDirectory directory_;
  Elsewhere elsewhere_;
  ArtifactsInPlace artifacts_{directory_.path(), elsewhere_};
};

TEST_F(ArtifactsInPlaceTest, GivesTheFileItselfWhereItIs) {
  const std::string digest = Sha256Hex("letters");
  Keep(digest, "letters");
  EXPECT_EQ(Fetch(digest), PathOf(digest));
  EXPECT_EQ(Fetch(digest), PathOf(digest));
  EXPECT_TRUE(elsewhere_.asked.empty());
}

TEST_F(ArtifactsInPlaceTest, GoesElsewhereForWhatIsNotThereAnyMore) {
  const std::string digest = Sha256Hex("letters");
  EXPECT_EQ(Fetch(digest), "elsewhere");
  Keep(digest, "letters");
  EXPECT_EQ(Fetch(digest), PathOf(digest));
  std::filesystem::remove(PathOf(digest));
  EXPECT_EQ(Fetch(digest), "elsewhere");
}

TEST_F(ArtifactsInPlaceTest, UsesNoFileOfOtherBytes) {
  const std::string digest = Sha256Hex("letters");
  Keep(digest, "lettuce");
  EXPECT_EQ(Fetch(digest), "elsewhere");
}

TEST_F(ArtifactsInPlaceTest, MakesNoPathOfWhatIsNoDigest) {
  Keep("..", "letters");
  EXPECT_EQ(Fetch(".."), "elsewhere");
  EXPECT_EQ(elsewhere_.asked, std::vector<std::string>({".."}));
}

}  // namespace
}  // namespace caviar::session
