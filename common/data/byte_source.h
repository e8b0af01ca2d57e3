// A file's contents as a stream: gzip is recognised by its first two bytes and inflated on the way
// (several members in a row are one stream, as gzip itself has it).
//
// Threads: thread-compatible.
// Errors:  every message starts with the file's name: kInvalidArgument for truncated or corrupt
//          gzip; kCancelled; kResourceExhausted beyond inflated_bytes_max; file-system errors as
//          they come.
#ifndef CAVIAR_COMMON_DATA_BYTE_SOURCE_H_
#define CAVIAR_COMMON_DATA_BYTE_SOURCE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "common/data/limits.h"

namespace caviar::data {

// Where the bytes are, and what the user calls them in messages.
struct InputFile {
  std::string path;
  std::string name;
  // Where it points to true, reading answers kCancelled: a long import ends within a buffer's time.
  const std::atomic<bool>* is_cancelled = nullptr;

  bool is_given() const { return !path.empty(); }
};

class ByteSource {
 public:
  static absl::StatusOr<std::unique_ptr<ByteSource>> Open(
      const InputFile& file, uint64_t inflated_bytes_max = kInflatedBytesMax);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // At least one byte, or 0 at the end. Requires: out is not empty.
  absl::StatusOr<size_t> Read(std::span<char> out);
  // Fills `out` unless the file ends before; returns how many bytes there were.
  absl::StatusOr<size_t> ReadFully(std::span<char> out);

  bool is_gzip() const { return inflater_ != nullptr; }
  const std::string& name() const { return name_; }

 private:
  class Inflater;
  ByteSource(int fd, const InputFile& file);
  absl::StatusOr<size_t> ReadFile(std::span<char> out);

  int fd_;
  std::string name_;
  const std::atomic<bool>* is_cancelled_;
  std::string head_;  // read to look for gzip, not yet handed out
  std::unique_ptr<Inflater> inflater_;
};

// SHA-256 of the contents (inflated where compressed), as 64 hex digits. Reads the whole file, so
// that a damaged gzip file is known before anything is made of its beginning.
absl::StatusOr<std::string> DigestOfContents(const InputFile& file);

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_BYTE_SOURCE_H_
