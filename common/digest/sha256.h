// SHA-256 of bytes and files, as 64 lower-case hex digits: the name of every artifact.
//
// Threads: Sha256 is thread-compatible; the functions are thread-safe.
#ifndef CAVIAR_COMMON_DIGEST_SHA256_H_
#define CAVIAR_COMMON_DIGEST_SHA256_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace caviar {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void Update(absl::string_view bytes);
  // Call once, last.
  std::string HexDigest();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string Sha256Hex(absl::string_view bytes);
// kNotFound, kPermissionDenied … as the file system says.
absl::StatusOr<std::string> Sha256HexOfFile(const std::string& path);
// True for exactly 64 characters of [0-9a-f]; anything else must never become part of a path.
bool IsSha256Hex(absl::string_view text);

}  // namespace caviar

#endif  // CAVIAR_COMMON_DIGEST_SHA256_H_
