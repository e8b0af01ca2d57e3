// Streams the lines of a text file.
//
// Threads:   thread-compatible.
// Ownership: a line lasts until the next call of Next.
// Errors:    kInvalidArgument "NAME, line L: ..." for a line of more than kRowBytesMax bytes, or
//            one with a NUL byte.
#ifndef CAVIAR_COMMON_DATA_LINE_READER_H_
#define CAVIAR_COMMON_DATA_LINE_READER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/data/byte_source.h"

namespace caviar::data {

class LineReader {
 public:
  explicit LineReader(std::unique_ptr<ByteSource> source);

  // False at the end.
  absl::StatusOr<bool> Next();
  // Without line end.
  absl::string_view text() const { return text_; }
  // From 1.
  int64_t line() const { return line_; }
  // "data.txt, line 7".
  std::string LineText() const;

 private:
  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  absl::string_view text_;
  int64_t line_ = 0;
};

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_LINE_READER_H_
