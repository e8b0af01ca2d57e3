// A file's bytes in memory, read-only, loaded by the kernel as they are touched.
//
// Threads:   thread-safe.
// Ownership: the bytes live as long as the object. The file must not shrink meanwhile (artifacts
//            never change; others are replaced by rename, which leaves a mapping whole).
// Errors:    what the file system said, with the path.
#ifndef CAVIAR_COMMON_DATA_MAPPED_FILE_H_
#define CAVIAR_COMMON_DATA_MAPPED_FILE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace caviar::data {

class MappedFile {
 public:
  static absl::StatusOr<std::shared_ptr<const MappedFile>> Open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  absl::string_view bytes() const { return bytes_; }

 private:
  explicit MappedFile(absl::string_view bytes) : bytes_(bytes) {}
  absl::string_view bytes_;
};

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_MAPPED_FILE_H_
