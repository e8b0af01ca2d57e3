// Named tensors in one file, in the safetensors layout: eight bytes of header length (little
// endian), a JSON header {"name": {"dtype", "shape", "data_offsets"}, "__metadata__": {text:
// text}}, padded with spaces so that the data starts on a multiple of eight, then the tensors
// without gaps. Data sets, checkpoints and models all use it, so that any safetensors reader opens
// them.
//
// Threads:     TensorFile is immutable and thread-safe, TensorFileBuilder has one owner.
// Ownership:   TensorFile::Open maps the file and keeps the mapping alive in all of its copies;
//              TensorFile::Parse borrows the bytes, which must outlive it and its copies. Views
//              handed out live as long as the TensorFile they came from.
// Errors:      kInvalidArgument says what is wrong with the bytes (bad JSON, offsets that overlap,
//              leave gaps or end outside the file, sizes that do not fit the shape); kNotFound for
//              a tensor that is not there; file-system errors name the path.
// Determinism: equal tensors and metadata give equal bytes, in whatever order they were passed:
//              wider elements first (so that every tensor is aligned), then by name.
#ifndef CAVIAR_COMMON_DATA_TENSOR_FILE_H_
#define CAVIAR_COMMON_DATA_TENSOR_FILE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace caviar::data {

enum class DType { kF32, kF64, kI32, kI64, kU8, kU32, kU64 };

// Bytes of one element.
size_t DTypeBytes(DType dtype);
// As in the header: "F32", "I64" ...
absl::string_view DTypeName(DType dtype);

template <typename T>
constexpr DType DTypeOf() {
  if constexpr (std::is_same_v<T, float>) return DType::kF32;
  if constexpr (std::is_same_v<T, double>) return DType::kF64;
  if constexpr (std::is_same_v<T, int32_t>) return DType::kI32;
  if constexpr (std::is_same_v<T, int64_t>) return DType::kI64;
  if constexpr (std::is_same_v<T, uint8_t>) return DType::kU8;
  if constexpr (std::is_same_v<T, uint32_t>) return DType::kU32;
  if constexpr (std::is_same_v<T, uint64_t>) return DType::kU64;
}

struct TensorSpec {
  std::string name;  // UTF-8, not empty, not "__metadata__"
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;  // empty = one number; a zero among them = no elements
};

struct NamedTensor {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  absl::string_view bytes;  // row-major, little endian
};

using TensorMetadata = std::map<std::string, std::string>;

// The values' memory as a tensor; `values` must outlive it.
// Requires: the shape's product is values.size().
template <typename T>
NamedTensor TensorOf(std::string name, std::vector<int64_t> shape, std::span<const T> values) {
  return {std::move(name), DTypeOf<T>(), std::move(shape),
          absl::string_view(reinterpret_cast<const char*>(values.data()), values.size_bytes())};
}

// Requires: names are unique and bytes fit the shapes.
std::string EncodeTensorFile(std::span<const NamedTensor> tensors, const TensorMetadata& metadata);

// Writes a file whose tensors are too large to be held twice: the caller fills them in place.
class TensorFileBuilder {
 public:
  // Makes a zero-filled file beside `path` with its disk space reserved (kResourceExhausted when
  // the disk is full, rather than a crash later). Requires: as EncodeTensorFile.
  static absl::StatusOr<TensorFileBuilder> Create(const std::string& path,
                                                  std::span<const TensorSpec> specs,
                                                  const TensorMetadata& metadata);
  TensorFileBuilder(TensorFileBuilder&&) noexcept;
  TensorFileBuilder& operator=(TensorFileBuilder&&) noexcept;
  // Removes the unfinished file.
  ~TensorFileBuilder();

  // Requires: the tensor was declared with this type, and Finish was not called.
  template <typename T>
  std::span<T> Values(absl::string_view name) {
    const std::span<char> bytes = Bytes(name, DTypeOf<T>());
    return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
  }

  // Durably moves the file to its path. Call once, last.
  absl::Status Finish();

 private:
  struct State;
  explicit TensorFileBuilder(std::unique_ptr<State> state);
  std::span<char> Bytes(absl::string_view name, DType dtype);
  std::unique_ptr<State> state_;
};

class TensorFile {
 public:
  static absl::StatusOr<TensorFile> Open(const std::string& path);
  static absl::StatusOr<TensorFile> Parse(absl::string_view bytes);

  // nullptr when there is none of that name. The bytes are aligned for the type.
  const NamedTensor* Find(absl::string_view name) const;

  // kNotFound, or kInvalidArgument when the tensor has another type.
  template <typename T>
  absl::StatusOr<std::span<const T>> Values(absl::string_view name) const {
    absl::StatusOr<absl::string_view> bytes = TypedBytes(name, DTypeOf<T>());
    if (!bytes.ok()) return bytes.status();
    return std::span<const T>(reinterpret_cast<const T*>(bytes->data()), bytes->size() / sizeof(T));
  }

  // In the order of their bytes in the file.
  std::span<const NamedTensor> tensors() const { return contents_->tensors; }
  const TensorMetadata& metadata() const { return contents_->metadata; }

 private:
  struct Contents {
    std::vector<NamedTensor> tensors;
    std::map<std::string, size_t, std::less<>> index_of_name;
    TensorMetadata metadata;
    std::shared_ptr<const void> mapping;  // empty for Parse
    // Copies of tensors which a foreign file did not align.
    std::vector<std::unique_ptr<uint64_t[]>> realigned;
  };
  static absl::StatusOr<std::shared_ptr<Contents>> ParseContents(absl::string_view bytes);
  explicit TensorFile(std::shared_ptr<const Contents> contents) : contents_(std::move(contents)) {}
  absl::StatusOr<absl::string_view> TypedBytes(absl::string_view name, DType dtype) const;

  std::shared_ptr<const Contents> contents_;
};

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_TENSOR_FILE_H_
