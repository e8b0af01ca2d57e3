#include "coordinator/store/artifact_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/digest/sha256.h"
#include "common/file/directory.h"
#include "common/file/durable_file.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"

namespace caviar::store {
namespace {

constexpr char kTemporary[] = "tmp";
// One subdirectory for each value of the digest's first byte, all made at the start, so that no
// write ever waits for a new one to be durable.
constexpr int kSubdirectories = 256;

// The mark of a closed store.
constexpr char kClosed[] = "closed";

std::string Subdirectory(const std::string& directory, int index) {
  return absl::StrFormat("%s/%02x", directory, index);
}

absl::Status Failed(absl::string_view what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot ", what, " ", path));
}

// Whether the last one to use the directory has closed it; takes the mark away.
absl::StatusOr<bool> TakeClosedMark(const std::string& directory) {
  const std::string mark = absl::StrCat(directory, "/", kClosed);
  if (unlink(mark.c_str()) == 0) return true;
  if (errno != ENOENT) return Failed("remove", mark);
  return false;
}

}  // namespace

class ArtifactStore::FileWriter : public ArtifactStore::Writer {
 public:
  FileWriter(ArtifactStore& store, std::string path, int fd)
      : store_(store), path_(std::move(path)), fd_(fd) {}
  ~FileWriter() override {
    if (fd_ >= 0) close(fd_);
    if (!is_placed_) unlink(path_.c_str());
  }

  absl::Status Append(absl::string_view bytes) override {
    CAVIAR_CHECK(fd_ >= 0) << "finished already";
    CAVIAR_RETURN_IF_ERROR(failure_);
    hash_.Update(bytes);
    return failure_ = WriteAll(fd_, bytes, path_);
  }

  absl::StatusOr<std::string> Finish(absl::string_view expected_digest) override {
    CAVIAR_CHECK(fd_ >= 0) << "finished already";
    // Some file systems report a failed write only here.
    const int result = close(std::exchange(fd_, -1));
    CAVIAR_RETURN_IF_ERROR(failure_);
    if (result != 0) return Failed("close", path_);
    std::string digest = hash_.HexDigest();
    if (!expected_digest.empty() && digest != expected_digest) {
      return absl::DataLossError(absl::StrCat("the bytes received have the digest ", digest,
                                              ", not ", expected_digest, "; send them again"));
    }
    CAVIAR_RETURN_IF_ERROR(store_.Place(path_, digest));
    is_placed_ = true;
    return digest;
  }

 private:
  ArtifactStore& store_;
  const std::string path_;
  int fd_;
  Sha256 hash_;
  absl::Status failure_;
  bool is_placed_ = false;
};

absl::StatusOr<std::unique_ptr<ArtifactStore>> ArtifactStore::Open(const std::string& directory) {
  const std::string temporary = absl::StrCat(directory, "/", kTemporary);
  CAVIAR_RETURN_IF_ERROR(CreateDirectories(temporary));
  CAVIAR_RETURN_IF_ERROR(EmptyDirectory(temporary));
  CAVIAR_ASSIGN_OR_RETURN(const bool was_closed, TakeClosedMark(directory));
  for (int i = 0; i < kSubdirectories; ++i) {
    const std::string subdirectory = Subdirectory(directory, i);
    if (mkdir(subdirectory.c_str(), 0700) == 0 || was_closed) continue;
    // A process that was killed between renaming and syncing left a name that we see and a power
    // loss would take.
    CAVIAR_RETURN_IF_ERROR(SyncDirectory(subdirectory));
  }
  CAVIAR_RETURN_IF_ERROR(SyncDirectory(directory));
  return std::unique_ptr<ArtifactStore>(new ArtifactStore(directory));
}

ArtifactStore::~ArtifactStore() {
  if (has_failed_) return;
  // Without it the next start only takes longer.
  const std::string mark = absl::StrCat(directory_, "/", kClosed);
  const int fd = open(mark.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd >= 0) close(fd);
}

absl::StatusOr<std::unique_ptr<ArtifactStore::Writer>> ArtifactStore::StartWrite() {
  std::string path = TemporaryPath();
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return Failed("create", path);
  return std::make_unique<FileWriter>(*this, std::move(path), fd);
}

absl::StatusOr<std::string> ArtifactStore::Adopt(const std::string& path) {
  CAVIAR_ASSIGN_OR_RETURN(std::string digest, Sha256HexOfFile(path));
  CAVIAR_RETURN_IF_ERROR(Place(path, digest));
  return digest;
}

absl::Status ArtifactStore::Place(const std::string& from, const std::string& digest) {
  CAVIAR_ASSIGN_OR_RETURN(const std::string path, PathFor(digest));
  // Its age counts from now, not from the first of its bytes.
  if (utimensat(AT_FDCWD, from.c_str(), nullptr, 0) != 0) return Failed("touch", from);
  // Over what may be there: the bytes are the same, unless the disk has damaged the old ones.
  absl::Status placed = RenameDurably(from, path);
  if (!placed.ok()) has_failed_ = true;
  return placed;
}

absl::StatusOr<uint64_t> ArtifactStore::Size(absl::string_view digest) const {
  CAVIAR_ASSIGN_OR_RETURN(const std::string path, PathFor(digest));
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) return static_cast<uint64_t>(status.st_size);
  if (errno != ENOENT) return Failed("look at", path);
  return absl::NotFoundError(absl::StrCat("there is no artifact ", digest));
}

absl::StatusOr<std::string> ArtifactStore::Read(absl::string_view digest, uint64_t offset,
                                                uint64_t length) const {
  CAVIAR_ASSIGN_OR_RETURN(const uint64_t size, Size(digest));
  CAVIAR_ASSIGN_OR_RETURN(const std::string path, PathFor(digest));
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Failed("open", path);
  const auto closer = absl::MakeCleanup([fd] { close(fd); });
  if (offset >= size) return std::string();
  std::string bytes(std::min(length, size - offset), '\0');
  size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count = pread(fd, bytes.data() + filled, bytes.size() - filled,
                                static_cast<off_t>(offset + filled));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failed("read", path);
    if (count == 0) return absl::DataLossError(absl::StrCat(path, " got shorter"));
    filled += static_cast<size_t>(count);
  }
  return bytes;
}

std::string ArtifactStore::TemporaryPath() {
  return absl::StrCat(directory_, "/", kTemporary, "/", temporaries_++, ".part");
}

absl::Status ArtifactStore::Remove(absl::string_view digest) {
  CAVIAR_ASSIGN_OR_RETURN(const std::string path, PathFor(digest));
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return Failed("remove", path);
  return absl::OkStatus();
}

absl::Status ArtifactStore::VisitOlderThan(
    absl::Time time, const std::function<void(const std::string& digest)>& visit) const {
  for (int i = 0; i < kSubdirectories; ++i) {
    const std::string subdirectory = Subdirectory(directory_, i);
    CAVIAR_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(subdirectory));
    for (const std::string& name : names) {
      if (!IsSha256Hex(name)) continue;  // not ours
      struct stat status {};
      if (stat(absl::StrCat(subdirectory, "/", name).c_str(), &status) != 0) continue;  // gone
      if (absl::TimeFromTimespec(status.st_mtim) < time) visit(name);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ArtifactStore::PathFor(absl::string_view digest) const {
  if (!IsSha256Hex(digest)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", digest.substr(0, 80), "' is not a SHA-256 digest (64 hex digits)"));
  }
  return absl::StrCat(directory_, "/", digest.substr(0, 2), "/", digest);
}

}  // namespace caviar::store
