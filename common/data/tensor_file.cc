#include "common/data/tensor_file.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/data/mapped_file.h"
#include "common/data/tensor_header.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"

namespace caviar::data {

std::string EncodeTensorFile(std::span<const NamedTensor> tensors, const TensorMetadata& metadata) {
  std::vector<TensorSpec> specs;
  std::map<absl::string_view, absl::string_view> bytes_of_name;
  for (const NamedTensor& tensor : tensors) {
    specs.push_back({tensor.name, tensor.dtype, tensor.shape});
    bytes_of_name[tensor.name] = tensor.bytes;
  }
  TensorHeader header = LayOutTensors(specs, metadata);
  std::string file = EncodeTensorHeader(header);
  file.reserve(file.size() + header.data_bytes);
  for (const TensorPlace& place : header.places) {
    const absl::string_view bytes = bytes_of_name[place.spec.name];
    CAVIAR_CHECK(bytes.size() == place.end - place.begin)
        << "tensor " << place.spec.name << " has " << bytes.size() << " bytes, its shape needs "
        << place.end - place.begin;
    file.append(bytes.data(), bytes.size());
  }
  return file;
}

absl::StatusOr<TensorFile> TensorFile::Open(const std::string& path) {
  CAVIAR_ASSIGN_OR_RETURN(std::shared_ptr<const MappedFile> mapping, MappedFile::Open(path));
  absl::StatusOr<std::shared_ptr<Contents>> contents = ParseContents(mapping->bytes());
  if (!contents.ok()) {
    return absl::Status(contents.status().code(),
                        absl::StrCat(path, ": ", contents.status().message()));
  }
  (*contents)->mapping = std::move(mapping);
  return TensorFile(*std::move(contents));
}

absl::StatusOr<TensorFile> TensorFile::Parse(absl::string_view bytes) {
  CAVIAR_ASSIGN_OR_RETURN(std::shared_ptr<Contents> contents, ParseContents(bytes));
  return TensorFile(std::move(contents));
}

absl::StatusOr<std::shared_ptr<TensorFile::Contents>> TensorFile::ParseContents(
    absl::string_view bytes) {
  CAVIAR_ASSIGN_OR_RETURN(TensorHeader header, DecodeTensorHeader(bytes));
  auto contents = std::make_shared<Contents>();
  contents->metadata = std::move(header.metadata);
  for (TensorPlace& place : header.places) {
    const size_t size = place.end - place.begin;
    absl::string_view values = bytes.substr(header.header_bytes + place.begin, size);
    if (reinterpret_cast<uintptr_t>(values.data()) % DTypeBytes(place.spec.dtype) != 0) {
      auto copy = std::make_unique<uint64_t[]>(size / sizeof(uint64_t) + 1);
      std::memcpy(copy.get(), values.data(), size);
      values = absl::string_view(reinterpret_cast<const char*>(copy.get()), size);
      contents->realigned.push_back(std::move(copy));
    }
    contents->index_of_name[place.spec.name] = contents->tensors.size();
    contents->tensors.push_back(
        {std::move(place.spec.name), place.spec.dtype, std::move(place.spec.shape), values});
  }
  return contents;
}

const NamedTensor* TensorFile::Find(absl::string_view name) const {
  const auto found = contents_->index_of_name.find(name);
  return found == contents_->index_of_name.end() ? nullptr : &contents_->tensors[found->second];
}

absl::StatusOr<absl::string_view> TensorFile::TypedBytes(absl::string_view name,
                                                         DType dtype) const {
  const NamedTensor* const tensor = Find(name);
  if (tensor == nullptr) return absl::NotFoundError(absl::StrCat("no tensor named '", name, "'"));
  if (tensor->dtype != dtype) {
    return absl::InvalidArgumentError(absl::StrCat(
        "tensor '", name, "' holds ", DTypeName(tensor->dtype), ", expected ", DTypeName(dtype)));
  }
  return tensor->bytes;
}

}  // namespace caviar::data
