#include "coordinator/datasets/upload_spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/file/durable_file.h"

namespace caviar::datasets {
namespace {

using ::testing::HasSubstr;
using Request = v1::CreateDatasetRequest;

Request::Chunk Chunk(Request::Role role, const std::string& name, const std::string& data) {
  Request::Chunk chunk;
  chunk.set_role(role);
  chunk.set_file_name(name);
  chunk.set_data(data);
  return chunk;
}

class UploadSpoolTest : public ::testing::Test {
 protected:
  UploadSpoolTest()
      : directory_(
            (std::filesystem::path(::testing::TempDir()) / absl::StrCat("caviar_spool.", getpid()))
                .string()) {
    std::filesystem::remove_all(directory_);
  }
  std::unique_ptr<UploadSpool> Create(uint64_t bytes_max) {
    auto spool = UploadSpool::Create(directory_, bytes_max);
    EXPECT_TRUE(spool.ok()) << spool.status();
    return *std::move(spool);
  }
  const std::string directory_;
};

TEST_F(UploadSpoolTest, KeepsEachFileUnderItsRoleUntilDestroyed) {
  {
    const auto spool = Create(100);
    ASSERT_TRUE(spool->Append(Chunk(Request::DATA, "../../etc/passwd", "abc")).ok());
    ASSERT_TRUE(spool->Append(Chunk(Request::DATA, "", "def")).ok());
    ASSERT_TRUE(spool->Append(Chunk(Request::LABELS, "y", "")).ok());
    ASSERT_TRUE(spool->Finish().ok());
    EXPECT_EQ(*ReadFile(spool->files().data.path), "abcdef");
    EXPECT_EQ(spool->files().data.name, "passwd");
    EXPECT_EQ(spool->files().data.path, directory_ + "/data");
    EXPECT_TRUE(spool->files().labels.is_given());
    EXPECT_FALSE(spool->files().test_data.is_given());
  }
  EXPECT_FALSE(std::filesystem::exists(directory_));
}

TEST_F(UploadSpoolTest, RefusesChunksOutOfOrder) {
  const auto spool = Create(100);
  ASSERT_TRUE(spool->Append(Chunk(Request::DATA, "a", "abc")).ok());
  ASSERT_TRUE(spool->Append(Chunk(Request::LABELS, "b", "abc")).ok());
  EXPECT_THAT(std::string(spool->Append(Chunk(Request::DATA, "a", "def")).message()),
              HasSubstr("the chunks of file data do not come in a row"));
}

TEST_F(UploadSpoolTest, RefusesChunksWithoutRole) {
  const auto spool = Create(1 << 20);
  EXPECT_EQ(spool->Append(Chunk(Request::ROLE_UNSPECIFIED, "a", "abc")).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(spool->Finish().message()), HasSubstr("no data file was uploaded"));
}

TEST_F(UploadSpoolTest, StopsAtItsBoundOverAllFiles) {
  const auto spool = Create(5);
  ASSERT_TRUE(spool->Append(Chunk(Request::DATA, "a", "abc")).ok());
  ASSERT_TRUE(spool->Append(Chunk(Request::LABELS, "b", "de")).ok());
  EXPECT_EQ(spool->Append(Chunk(Request::LABELS, "", "f")).code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace caviar::datasets
