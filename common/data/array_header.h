// The beginning of an IDX or NPY file: element type and dimensions.
//
// Threads: thread-compatible.
// Errors:  kInvalidArgument naming the file; never a crash, whatever the bytes.
#ifndef CAVIAR_COMMON_DATA_ARRAY_HEADER_H_
#define CAVIAR_COMMON_DATA_ARRAY_HEADER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/data/byte_source.h"

namespace caviar::data {

struct ArrayHeader {
  enum class Kind { kUnsigned, kSigned, kFloat };
  Kind kind = Kind::kUnsigned;
  int bytes = 1;  // of one element: 1, 2, 4 or 8
  bool is_big_endian = false;
  std::vector<int64_t> shape;  // at least one dimension, each >= 0

  int64_t rows() const { return shape[0]; }
  // Elements of one row; 1 for a one-dimensional array.
  int64_t width() const;
};

// Reads as many bytes as the header has. Rows times width fit in kValuesMax.
absl::StatusOr<ArrayHeader> ReadIdxHeader(ByteSource& source);
absl::StatusOr<ArrayHeader> ReadNpyHeader(ByteSource& source);

bool LooksLikeIdx(absl::string_view start);
bool LooksLikeNpy(absl::string_view start);

// `bytes` holds one element. Requires: bytes is as long as the header says.
double DecodeElement(const ArrayHeader& header, const char* bytes);

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_ARRAY_HEADER_H_
