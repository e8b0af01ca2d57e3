#include "worker/session/artifacts_in_place.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "common/digest/sha256.h"
#include "common/log/log.h"

namespace caviar::session {
namespace {

// More than a worker uses at once; beyond it files are hashed again.
constexpr size_t kVerifiedMax = 1024;

}  // namespace

absl::StatusOr<std::shared_ptr<const runtime::LocalArtifact>> ArtifactsInPlace::Fetch(
    absl::string_view digest, std::stop_token stop) {
  std::string path = PathOf(digest);
  if (path.empty()) return otherwise_.Fetch(digest, stop);
  return std::make_shared<const runtime::LocalArtifact>(runtime::LocalArtifact{std::move(path)});
}

std::string ArtifactsInPlace::PathOf(absl::string_view digest_view) {
  const std::string digest(digest_view);
  if (!IsSha256Hex(digest)) return "";
  std::string path = absl::StrCat(directory_, "/", digest.substr(0, 2), "/", digest);
  MutexLock lock(&mutex_);
  if (access(path.c_str(), R_OK) != 0) return "";
  if (verified_.contains(digest)) return path;
  const absl::StatusOr<std::string> found = Sha256HexOfFile(path);
  if (!found.ok() || *found != digest) {
    LogWarning(absl::StrCat(
        "not using ", path, " in place: ",
        found.ok() ? "its bytes are not those of its name" : found.status().message()));
    return "";
  }
  if (verified_.size() >= kVerifiedMax) verified_.clear();
  verified_.insert(digest);
  return path;
}

}  // namespace caviar::session
