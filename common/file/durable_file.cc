#include "common/file/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace caviar {
namespace {

absl::Status Failed(absl::string_view what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot ", what, " ", path));
}

std::string DirectoryOf(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

absl::Status SyncPath(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return Failed("open", path);
  const auto closer = absl::MakeCleanup([fd] { close(fd); });
  if (fsync(fd) != 0) return Failed("sync", path);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Failed("open", path);
  const auto closer = absl::MakeCleanup([fd] { close(fd); });
  std::string bytes;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t count = read(fd, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failed("read", path);
    if (count == 0) return bytes;
    bytes.append(buffer, static_cast<size_t>(count));
  }
}

absl::Status WriteAll(int fd, absl::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

std::string NewTemporaryName(const std::string& path) {
  static std::atomic<uint64_t> counter = 0;
  std::string name = absl::StrCat(path, ".", getpid(), ".", counter++, ".tmp");
  unlink(name.c_str());
  return name;
}

absl::Status WriteFileDurably(const std::string& path, absl::string_view bytes) {
  const std::string temporary = NewTemporaryName(path);
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return Failed("create", temporary);
  auto remover = absl::MakeCleanup([&temporary] { unlink(temporary.c_str()); });
  {
    const auto closer = absl::MakeCleanup([fd] { close(fd); });
    CAVIAR_RETURN_IF_ERROR(WriteAll(fd, bytes, temporary));
  }
  CAVIAR_RETURN_IF_ERROR(RenameDurably(temporary, path));
  std::move(remover).Cancel();
  return absl::OkStatus();
}

absl::Status RenameDurably(const std::string& from, const std::string& path) {
  CAVIAR_RETURN_IF_ERROR(SyncPath(from, O_RDONLY));
  if (rename(from.c_str(), path.c_str()) != 0) return Failed("rename to", path);
  return SyncDirectory(DirectoryOf(path));
}

absl::Status SyncDirectory(const std::string& directory) {
  return SyncPath(directory, O_RDONLY | O_DIRECTORY);
}

absl::Status CreateDirectories(const std::string& directory) {
  for (size_t end = 1; end <= directory.size(); ++end) {
    if (end != directory.size() && directory[end] != '/') continue;
    const std::string prefix = directory.substr(0, end);
    if (mkdir(prefix.c_str(), 0700) == 0) continue;
    if (errno != EEXIST) return Failed("create directory", prefix);
  }
  if (!std::filesystem::is_directory(directory)) {
    return absl::FailedPreconditionError(absl::StrCat(directory, " is not a directory"));
  }
  return absl::OkStatus();
}

}  // namespace caviar
