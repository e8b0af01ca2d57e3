#include "coordinator/datasets/upload_spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/file/durable_file.h"
#include "common/status/status_macros.h"
#include "coordinator/datasets/dataset_name.h"

namespace caviar::datasets {
namespace {

using Request = v1::CreateDatasetRequest;

data::InputFile& FileOf(Request::Role role, data::ImportFiles& files) {
  switch (role) {
    case Request::LABELS:
      return files.labels;
    case Request::TEST_DATA:
      return files.test_data;
    case Request::TEST_LABELS:
      return files.test_labels;
    default:
      return files.data;
  }
}

}  // namespace

UploadSpool::UploadSpool(std::string directory, uint64_t bytes_max, std::shared_ptr<void> slot)
    : directory_(std::move(directory)),
      bytes_left_(bytes_max),
      bytes_max_(bytes_max),
      slot_(std::move(slot)) {}

absl::StatusOr<std::unique_ptr<UploadSpool>> UploadSpool::Create(const std::string& directory,
                                                                 uint64_t bytes_max,
                                                                 std::shared_ptr<void> slot) {
  if (mkdir(directory.c_str(), 0700) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot create directory ", directory));
  }
  return std::unique_ptr<UploadSpool>(new UploadSpool(directory, bytes_max, std::move(slot)));
}

UploadSpool::~UploadSpool() {
  if (fd_ >= 0) close(fd_);
  std::error_code ignored;  // the next start of the coordinator empties the spool
  std::filesystem::remove_all(directory_, ignored);
}

absl::Status UploadSpool::Append(const Request::Chunk& chunk) {
  if (chunk.role() != role_) CAVIAR_RETURN_IF_ERROR(StartFile(chunk));
  if (role_ == Request::ROLE_UNSPECIFIED) {
    return absl::InvalidArgumentError("a chunk does not say which file it belongs to (role)");
  }
  if (chunk.data().size() > bytes_left_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the upload is larger than ", bytes_max_, " bytes"));
  }
  bytes_left_ -= chunk.data().size();
  return WriteAll(fd_, chunk.data(), "the upload");
}

absl::Status UploadSpool::StartFile(const Request::Chunk& chunk) {
  CAVIAR_RETURN_IF_ERROR(CloseFile());
  const Request::Role role = chunk.role();
  if (role == Request::ROLE_UNSPECIFIED || !Request::Role_IsValid(role)) {
    return absl::InvalidArgumentError("a chunk does not say which file it belongs to (role)");
  }
  const std::string role_name = absl::AsciiStrToLower(Request::Role_Name(role));
  if (!roles_.insert(role).second) {
    return absl::InvalidArgumentError(
        absl::StrCat("the chunks of file ", role_name, " do not come in a row"));
  }
  data::InputFile& file = FileOf(role, files_);
  file.path = absl::StrCat(directory_, "/", role_name);
  file.name = DisplayName(chunk.file_name(), role_name);
  fd_ = open(file.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd_ < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot create ", file.path));
  role_ = role;
  return absl::OkStatus();
}

absl::Status UploadSpool::CloseFile() {
  if (fd_ < 0) return absl::OkStatus();
  const int result = close(fd_);
  fd_ = -1;
  if (result != 0) return absl::ErrnoToStatus(errno, "cannot store the upload");
  return absl::OkStatus();
}

absl::Status UploadSpool::Finish() {
  CAVIAR_RETURN_IF_ERROR(CloseFile());
  if (!files_.data.is_given()) return absl::InvalidArgumentError("no data file was uploaded");
  return absl::OkStatus();
}

}  // namespace caviar::datasets
