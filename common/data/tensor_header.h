// The JSON header of a tensor file: names, types, shapes and places. Only tensor_file.cc and
// tensor_file_builder.cc use it.
//
// Threads:     thread-safe (pure functions).
// Errors:      kInvalidArgument with a sentence; never a crash, whatever the bytes.
// Determinism: see tensor_file.h.
#ifndef CAVIAR_COMMON_DATA_TENSOR_HEADER_H_
#define CAVIAR_COMMON_DATA_TENSOR_HEADER_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/data/tensor_file.h"

namespace caviar::data {

struct TensorPlace {
  TensorSpec spec;
  uint64_t begin = 0;  // in the data that follows the header
  uint64_t end = 0;
};

struct TensorHeader {
  std::vector<TensorPlace> places;  // by rising `begin`
  TensorMetadata metadata;
  uint64_t header_bytes = 0;  // where the data starts in the file
  uint64_t data_bytes = 0;
};

// Chooses the order of the tensors and their places. Requires: names are unique, not empty and
// UTF-8, dimensions >= 0, and the whole fits in 2^63 bytes.
TensorHeader LayOutTensors(std::span<const TensorSpec> specs, const TensorMetadata& metadata);

// The first header_bytes of the file; fills in header.header_bytes.
std::string EncodeTensorHeader(TensorHeader& header);

// Reads and checks the header of a whole file.
absl::StatusOr<TensorHeader> DecodeTensorHeader(absl::string_view file);

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_TENSOR_HEADER_H_
