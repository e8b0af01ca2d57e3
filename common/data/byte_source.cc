#include "common/data/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest/sha256.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"

namespace caviar::data {
namespace {

constexpr size_t kInputBytes = size_t{1} << 16;

bool HasGzipMagic(absl::string_view bytes) {
  return bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

}  // namespace

class ByteSource::Inflater {
 public:
  Inflater(ByteSource& source, uint64_t inflated_bytes_max)
      : source_(source), bytes_left_(inflated_bytes_max), bytes_max_(inflated_bytes_max) {
    constexpr int kGzipOnly = 16;
    CAVIAR_CHECK(inflateInit2(&stream_, MAX_WBITS + kGzipOnly) == Z_OK) << "zlib is out of memory";
  }
  ~Inflater() { inflateEnd(&stream_); }

  absl::StatusOr<size_t> Read(std::span<char> out) {
    while (!is_finished_) {
      if (stream_.avail_in == 0) {
        CAVIAR_ASSIGN_OR_RETURN(const bool more, Refill());
        if (!more) {
          if (is_between_members_) break;
          return Broken("the gzip data is truncated");
        }
      }
      if (is_between_members_) {
        CAVIAR_RETURN_IF_ERROR(StartMember());
        continue;
      }
      stream_.next_out = reinterpret_cast<Bytef*>(out.data());
      stream_.avail_out = static_cast<uInt>(std::min<size_t>(out.size(), kInputBytes));
      const uInt room = stream_.avail_out;
      const int result = inflate(&stream_, Z_NO_FLUSH);
      if (result == Z_STREAM_END) {
        is_between_members_ = true;
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return Broken(absl::StrCat("the gzip data is corrupt (",
                                   stream_.msg == nullptr ? "zlib error" : stream_.msg, ")"));
      }
      const size_t made = room - stream_.avail_out;
      if (made == 0) continue;
      if (made > bytes_left_) {
        return absl::ResourceExhaustedError(absl::StrCat(source_.name_, ": inflates to more than ",
                                                         bytes_max_, " bytes; is it a data set?"));
      }
      bytes_left_ -= made;
      return made;
    }
    is_finished_ = true;
    return size_t{0};
  }

 private:
  absl::Status Broken(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(source_.name_, ": ", what));
  }

  absl::StatusOr<bool> Refill() {
    CAVIAR_ASSIGN_OR_RETURN(const size_t count, source_.ReadFile(input_));
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(count);
    return count > 0;
  }

  // After a member comes another one, or zeros (some tools pad), or the end.
  absl::Status StartMember() {
    const Bytef next = *stream_.next_in;
    if (next == 0) {
      ++stream_.next_in;
      --stream_.avail_in;
      return absl::OkStatus();
    }
    if (next != 0x1f) return Broken("other bytes follow the gzip data");
    inflateReset(&stream_);
    is_between_members_ = false;
    return absl::OkStatus();
  }

  ByteSource& source_;
  uint64_t bytes_left_;
  const uint64_t bytes_max_;
  z_stream stream_ = {};
  std::vector<char> input_ = std::vector<char>(kInputBytes);
  bool is_between_members_ = false;
  bool is_finished_ = false;
};

ByteSource::ByteSource(int fd, const InputFile& file)
    : fd_(fd), name_(file.name), is_cancelled_(file.is_cancelled) {}

ByteSource::~ByteSource() { close(fd_); }

absl::StatusOr<std::unique_ptr<ByteSource>> ByteSource::Open(const InputFile& file,
                                                             uint64_t inflated_bytes_max) {
  const int fd = open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat(file.name, ": cannot open"));
  std::unique_ptr<ByteSource> source(new ByteSource(fd, file));
  struct stat info;
  if (fstat(fd, &info) != 0) return absl::ErrnoToStatus(errno, file.name);
  if (S_ISDIR(info.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(file.name, ": is a directory, not a file"));
  }
  char head[2];
  size_t have = 0;
  while (have < sizeof(head)) {
    CAVIAR_ASSIGN_OR_RETURN(const size_t count,
                            source->ReadFile(std::span(head + have, sizeof(head) - have)));
    if (count == 0) break;
    have += count;
  }
  source->head_.assign(head, have);
  if (HasGzipMagic(source->head_)) {
    source->inflater_ = std::make_unique<Inflater>(*source, inflated_bytes_max);
  }
  return source;
}

absl::StatusOr<size_t> ByteSource::ReadFile(std::span<char> out) {
  if (!head_.empty()) {
    const size_t count = std::min(head_.size(), out.size());
    std::memcpy(out.data(), head_.data(), count);
    head_.erase(0, count);
    return count;
  }
  for (;;) {
    const ssize_t count = read(fd_, out.data(), out.size());
    if (count >= 0) return static_cast<size_t>(count);
    if (errno != EINTR) return absl::ErrnoToStatus(errno, absl::StrCat(name_, ": cannot read"));
  }
}

absl::StatusOr<size_t> ByteSource::Read(std::span<char> out) {
  CAVIAR_CHECK(!out.empty()) << "nowhere to read to";
  if (is_cancelled_ != nullptr && *is_cancelled_) {
    return absl::CancelledError(absl::StrCat(name_, ": cancelled while reading"));
  }
  return inflater_ != nullptr ? inflater_->Read(out) : ReadFile(out);
}

absl::StatusOr<size_t> ByteSource::ReadFully(std::span<char> out) {
  size_t have = 0;
  while (have < out.size()) {
    CAVIAR_ASSIGN_OR_RETURN(const size_t count, Read(out.subspan(have)));
    if (count == 0) break;
    have += count;
  }
  return have;
}

absl::StatusOr<std::string> DigestOfContents(const InputFile& file) {
  CAVIAR_ASSIGN_OR_RETURN(const std::unique_ptr<ByteSource> source, ByteSource::Open(file));
  std::vector<char> buffer(kInputBytes);
  Sha256 digest;
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const size_t count, source->Read(buffer));
    if (count == 0) return digest.HexDigest();
    digest.Update(absl::string_view(buffer.data(), count));
  }
}

}  // namespace caviar::data
