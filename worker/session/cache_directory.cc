#include "worker/session/cache_directory.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file/durable_file.h"
#include "common/status/status_macros.h"

namespace caviar::session {
namespace {

constexpr size_t kIdBytes = 16;
// More workers than that on one machine is a mistake.
constexpr int kSiblingsMax = 1000;

absl::StatusOr<std::string> MakeId() {
  char bytes[kIdBytes];
  if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes)) {
    return absl::ErrnoToStatus(errno, "cannot get random bytes for a worker id");
  }
  return absl::BytesToHexString(absl::string_view(bytes, sizeof(bytes)));
}

// False for anything but what LoadIdentity writes.
bool ParseIdentity(absl::string_view text, std::string& id, uint32_t& incarnation) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(absl::StripAsciiWhitespace(text), ' ');
  if (words.size() != 2 || words[0].size() != 2 * kIdBytes) return false;
  for (const char c : words[0]) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return false;
  }
  id = std::string(words[0]);
  return absl::SimpleAtoi(words[1], &incarnation);
}

}  // namespace

CacheDirectory::CacheDirectory(std::string path, DirectoryLock lock)
    : path_(std::move(path)), lock_(std::move(lock)) {}

absl::Status CacheDirectory::LoadIdentity() {
  const std::string file = absl::StrCat(path_, "/identity");
  const absl::StatusOr<std::string> text = ReadFile(file);
  if (!text.ok() && !absl::IsNotFound(text.status())) return text.status();
  // A damaged file only costs the memory of who this was: a new worker starts.
  if (!text.ok() || !ParseIdentity(*text, worker_id_, incarnation_)) {
    CAVIAR_ASSIGN_OR_RETURN(worker_id_, MakeId());
    incarnation_ = 0;
  }
  ++incarnation_;
  return WriteFileDurably(file, absl::StrCat(worker_id_, " ", incarnation_, "\n"));
}

absl::StatusOr<CacheDirectory> CacheDirectory::Open(const std::string& path) {
  CAVIAR_RETURN_IF_ERROR(CreateDirectories(path));
  CAVIAR_ASSIGN_OR_RETURN(DirectoryLock lock, DirectoryLock::Acquire(path));
  CacheDirectory directory(path, std::move(lock));
  CAVIAR_RETURN_IF_ERROR(directory.LoadIdentity());
  return directory;
}

absl::StatusOr<CacheDirectory> CacheDirectory::OpenFirstFree(const std::string& path) {
  for (int sibling = 1;; ++sibling) {
    absl::StatusOr<CacheDirectory> directory =
        Open(sibling == 1 ? path : absl::StrCat(path, "-", sibling));
    const bool is_taken = absl::IsFailedPrecondition(directory.status());
    if (is_taken && sibling < kSiblingsMax) continue;
    if (directory.ok()) directory->sibling_ = sibling;
    return directory;
  }
}

}  // namespace caviar::session
