#include "worker/session/artifact_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/digest/sha256.h"
#include "common/file/durable_file.h"
#include "common/log/log.h"
#include "common/status/status_macros.h"

namespace caviar::session {
namespace {

constexpr char kPartialSuffix[] = ".partial";
// A transfer that nobody went on with for this long is of a job that ended elsewhere.
constexpr auto kPartialAgeMax = std::chrono::hours(24);

// Whether waiting may help.
bool IsTransient(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status) || absl::IsAborted(status) || absl::IsInternal(status) ||
         absl::IsUnknown(status) || absl::IsCancelled(status);
}

// Waits, but no longer than until `stop`.
void Pause(absl::Duration duration, std::stop_token stop) {
  Mutex mutex;
  CondVar stopped;
  bool is_stopped = false;
  const std::stop_callback on_stop(stop, [&] {
    MutexLock lock(&mutex);
    is_stopped = true;
    stopped.NotifyAll();
  });
  MutexLock lock(&mutex);
  if (!is_stopped) stopped.WaitFor(&mutex, duration);
}

absl::Status Append(int fd, absl::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> SizeOf(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot look at ", path));
  }
  return static_cast<uint64_t>(info.st_size);
}

}  // namespace

ArtifactCache::ArtifactCache(Options options, ArtifactTransport& transport)
    : options_(std::move(options)), transport_(transport) {}

absl::StatusOr<std::unique_ptr<ArtifactCache>> ArtifactCache::Open(Options options,
                                                                   ArtifactTransport& transport) {
  CAVIAR_RETURN_IF_ERROR(CreateDirectories(options.directory));
  auto cache = std::unique_ptr<ArtifactCache>(new ArtifactCache(std::move(options), transport));
  CAVIAR_RETURN_IF_ERROR(cache->Scan());
  return cache;
}

std::string ArtifactCache::PathOf(const std::string& digest) const {
  return absl::StrCat(options_.directory, "/", digest);
}

std::string ArtifactCache::PartialPathOf(const std::string& digest) const {
  return absl::StrCat(PathOf(digest), kPartialSuffix);
}

// Files of earlier processes, oldest use first (a use touches the file's time).
absl::Status ArtifactCache::Scan() {
  struct Found {
    std::filesystem::file_time_type time;
    std::string digest;
    uint64_t bytes;
  };
  std::vector<Found> found;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(options_.directory, error)) {
    std::string name = file.path().filename().string();
    std::error_code vanished;
    const auto time = file.last_write_time(vanished);
    if (absl::EndsWith(name, kPartialSuffix)) {
      if (std::filesystem::file_time_type::clock::now() - time > kPartialAgeMax) {
        std::filesystem::remove(file.path(), vanished);
        continue;
      }
      name.resize(name.size() - strlen(kPartialSuffix));
    }
    const uint64_t bytes = file.file_size(vanished);
    if (IsSha256Hex(name)) found.push_back({time, name, vanished ? 0 : bytes});
  }
  if (error)
    return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot list ", options_.directory));
  std::sort(found.begin(), found.end(),
            [](const Found& a, const Found& b) { return a.time < b.time; });
  MutexLock lock(&mutex_);
  for (const Found& file : found) {
    Entry& entry = entries_[file.digest];
    entry.bytes += file.bytes;
    entry.used = ++uses_;
  }
  EvictLocked();
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const runtime::LocalArtifact>> ArtifactCache::Fetch(
    absl::string_view digest_view, std::stop_token stop) {
  const std::string digest(digest_view);
  if (!IsSha256Hex(digest)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", digest, "\" is no artifact digest"));
  }
  const std::stop_callback on_stop(stop, [this] {
    MutexLock lock(&mutex_);
    changed_.NotifyAll();
  });
  {
    MutexLock lock(&mutex_);
    while (entries_[digest].is_busy && !stop.stop_requested()) changed_.Wait(&mutex_);
    Entry& entry = entries_[digest];
    if (entry.is_busy) return absl::CancelledError("stopped while another attempt fetches it");
    entry.used = ++uses_;
    if (auto held = entry.in_use.lock()) return held;
    entry.is_busy = true;
  }
  const absl::StatusOr<uint64_t> bytes = MakeReady(digest, stop);
  MutexLock lock(&mutex_);
  changed_.NotifyAll();
  if (!bytes.ok()) {
    // A part that is left counts, so that it is removed some day if nobody goes on with it.
    const absl::StatusOr<uint64_t> part = SizeOf(PartialPathOf(digest));
    if (part.ok()) {
      entries_[digest].bytes = *part;
      entries_[digest].is_busy = entries_[digest].is_verified = false;
      EvictLocked();
    } else {
      entries_.erase(digest);
    }
    return bytes.status();
  }
  auto artifact =
      std::make_shared<const runtime::LocalArtifact>(runtime::LocalArtifact{PathOf(digest)});
  Entry& entry = entries_[digest];
  entry.bytes = *bytes;
  entry.is_busy = false;
  entry.is_verified = true;
  entry.in_use = artifact;
  EvictLocked();
  return artifact;
}

absl::StatusOr<uint64_t> ArtifactCache::MakeReady(const std::string& digest, std::stop_token stop) {
  bool is_verified;
  {
    MutexLock lock(&mutex_);
    is_verified = entries_[digest].is_verified;
  }
  const std::string path = PathOf(digest);
  if (!is_verified || access(path.c_str(), R_OK) != 0) {
    const absl::StatusOr<std::string> found = Sha256HexOfFile(path);
    if (found.ok() && *found != digest) {
      LogWarning(absl::StrCat("cached file ", path, " is damaged; fetching it again"));
      unlink(path.c_str());
    }
    if (!found.ok() || *found != digest) CAVIAR_RETURN_IF_ERROR(Download(digest, stop));
  }
  // The order of use survives the process as the files' times.
  utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  return SizeOf(path);
}

absl::Status ArtifactCache::Download(const std::string& digest, std::stop_token stop) {
  const std::string partial = PartialPathOf(digest);
  // Of a transfer that failed for good no part may be left to fill the disk.
  absl::Cleanup remover = [&partial] { unlink(partial.c_str()); };
  absl::Duration pause = options_.retry_first;
  for (int corrupt = 0;;) {
    const Transfer transfer = DownloadOnce(digest, stop);
    if (stop.stop_requested()) {
      std::move(remover).Cancel();
      return absl::CancelledError("stopped while fetching an artifact");
    }
    absl::Status status = transfer.status;
    if (!transfer.disk.ok()) {
      if (absl::IsResourceExhausted(transfer.disk) && MakeRoom(transfer.missing)) continue;
      return absl::FailedPreconditionError(transfer.disk.message());
    }
    if (status.ok()) {
      CAVIAR_ASSIGN_OR_RETURN(const std::string found, Sha256HexOfFile(partial));
      if (found == digest) {
        // Nothing waits for the disk: what a power loss makes of the file is seen by its hash.
        if (rename(partial.c_str(), PathOf(digest).c_str()) == 0) return absl::OkStatus();
        return absl::ErrnoToStatus(errno, absl::StrCat("cannot rename ", partial));
      }
      unlink(partial.c_str());
      if (++corrupt >= kCorruptTransfersMax) {
        return absl::DataLossError(absl::StrCat("artifact ", digest, " arrived ", corrupt,
                                                " times with other bytes than its digest says"));
      }
      status = absl::DataLossError("the bytes that arrived are not those asked for");
    } else if (absl::IsOutOfRange(status)) {
      unlink(partial.c_str());  // longer than the whole: not a part of it
      if (++corrupt >= kCorruptTransfersMax) return status;
    } else if (!IsTransient(status)) {
      return absl::Status(status.code(), absl::StrCat("artifact ", digest, ": ", status.message()));
    }
    LogWarning(
        absl::StrCat("fetching artifact ", digest, ": ", status.message(), "; trying again"));
    if (transfer.has_moved) pause = options_.retry_first;
    Pause(pause, stop);
    pause = std::min(pause * 2, options_.retry_last);
  }
}

ArtifactCache::Transfer ArtifactCache::DownloadOnce(const std::string& digest,
                                                    std::stop_token stop) {
  Transfer transfer;
  const std::string path = PartialPathOf(digest);
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) {
    transfer.disk = absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
    return transfer;
  }
  const auto closer = absl::MakeCleanup([fd] { close(fd); });
  const absl::StatusOr<uint64_t> offset = SizeOf(path);
  if (!offset.ok()) {
    transfer.disk = offset.status();
    return transfer;
  }
  uint64_t arrived = *offset;
  uint64_t total_bytes = 0;
  transfer.status =
      transport_.Get(digest, *offset, stop, [&](absl::string_view bytes, uint64_t total) {
        total_bytes = total;
        transfer.has_moved = transfer.has_moved || !bytes.empty();
        transfer.disk = Append(fd, bytes, path);
        if (transfer.disk.ok()) arrived += bytes.size();
        return transfer.disk;
      });
  if (arrived < total_bytes) {
    transfer.missing = total_bytes - arrived;
    if (transfer.status.ok()) {
      transfer.status = absl::UnavailableError(
          absl::StrCat("only ", arrived, " of ", total_bytes, " bytes arrived"));
    }
  } else if (arrived > total_bytes && transfer.status.ok()) {
    transfer.status = absl::OutOfRangeError(
        absl::StrCat(arrived, " bytes arrived of an artifact of ", total_bytes));
  }
  return transfer;
}

bool ArtifactCache::MakeRoom(uint64_t bytes) {
  MutexLock lock(&mutex_);
  const uint64_t removed = RemoveOldestLocked(std::max<uint64_t>(bytes, 1));
  if (removed == 0) return false;
  LogWarning(absl::StrCat("the disk of ", options_.directory, " is full: removed ", removed,
                          " bytes of fetched files that are not in use"));
  return true;
}

void ArtifactCache::EvictLocked() {
  uint64_t bytes = 0;
  for (const auto& [digest, entry] : entries_) bytes += entry.bytes;
  if (bytes > options_.bytes_max) RemoveOldestLocked(bytes - options_.bytes_max);
}

uint64_t ArtifactCache::RemoveOldestLocked(uint64_t bytes) {
  uint64_t removed = 0;
  while (removed < bytes) {
    auto oldest = entries_.end();
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
      if (entry->second.is_busy || !entry->second.in_use.expired()) continue;
      if (oldest == entries_.end() || entry->second.used < oldest->second.used) oldest = entry;
    }
    if (oldest == entries_.end()) break;
    unlink(PathOf(oldest->first).c_str());
    unlink(PartialPathOf(oldest->first).c_str());
    removed += oldest->second.bytes;
    entries_.erase(oldest);
  }
  return removed;
}

}  // namespace caviar::session
