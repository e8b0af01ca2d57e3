// One upload's raw files on disk, from the first chunk until they are imported. The files have
// fixed names inside a directory of their own; what the user called them is kept for messages only.
//
// Threads:   thread-compatible.
// Ownership: owns its directory and removes it with all files when it is destroyed.
// Errors:    kInvalidArgument for chunks out of order or without role; kResourceExhausted beyond
//            bytes_max or for a full disk. After an error only destruction is left.
#ifndef CAVIAR_COORDINATOR_DATASETS_UPLOAD_SPOOL_H_
#define CAVIAR_COORDINATOR_DATASETS_UPLOAD_SPOOL_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "caviar/v1/search_service.pb.h"
#include "common/data/import.h"

namespace caviar::datasets {

// Bytes of all files of one upload: half of what one compressed file may inflate to, and more than
// any data set whose tensors are allowed.
inline constexpr uint64_t kUploadBytesMax = uint64_t{8} << 30;

class UploadSpool {
 public:
  // Makes `directory`, which must not exist. `slot`, where given, is let go of last: its owner
  // counts uploads by it.
  static absl::StatusOr<std::unique_ptr<UploadSpool>> Create(const std::string& directory,
                                                             uint64_t bytes_max = kUploadBytesMax,
                                                             std::shared_ptr<void> slot = nullptr);
  ~UploadSpool();
  UploadSpool(const UploadSpool&) = delete;
  UploadSpool& operator=(const UploadSpool&) = delete;

  // The chunks of one file come in a row; an empty file is one chunk without data.
  absl::Status Append(const v1::CreateDatasetRequest::Chunk& chunk);

  // Closes the last file. kInvalidArgument when no data file came. Call once.
  absl::Status Finish();
  // After Finish; valid while the spool lives.
  const data::ImportFiles& files() const { return files_; }

 private:
  UploadSpool(std::string directory, uint64_t bytes_max, std::shared_ptr<void> slot);
  absl::Status StartFile(const v1::CreateDatasetRequest::Chunk& chunk);
  absl::Status CloseFile();

  const std::string directory_;
  uint64_t bytes_left_;
  const uint64_t bytes_max_;
  const std::shared_ptr<void> slot_;
  data::ImportFiles files_;
  std::set<v1::CreateDatasetRequest::Role> roles_;  // seen so far
  v1::CreateDatasetRequest::Role role_ = v1::CreateDatasetRequest::ROLE_UNSPECIFIED;
  int fd_ = -1;  // of role_'s file
};

}  // namespace caviar::datasets

#endif  // CAVIAR_COORDINATOR_DATASETS_UPLOAD_SPOOL_H_
