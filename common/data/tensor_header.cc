#include "common/data/tensor_header.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"

namespace caviar::data {
namespace {

using Json = nlohmann::json;

static_assert(std::endian::native == std::endian::little, "tensor files are little endian");

constexpr size_t kLengthBytes = 8;
constexpr char kMetadataName[] = "__metadata__";
// As the reference implementation of safetensors: a longer header is an attack, not a model.
constexpr uint64_t kHeaderBytesMax = 100'000'000;

constexpr DType kDTypes[] = {DType::kF32, DType::kF64, DType::kI32, DType::kI64,
                             DType::kU8,  DType::kU32, DType::kU64};

std::optional<DType> DTypeOfName(absl::string_view name) {
  for (const DType dtype : kDTypes) {
    if (DTypeName(dtype) == name) return dtype;
  }
  return std::nullopt;
}

// Nothing when a dimension is negative or the product exceeds 2^63 - 1.
std::optional<uint64_t> TensorBytes(DType dtype, std::span<const int64_t> shape) {
  constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
  uint64_t bytes = DTypeBytes(dtype);
  bool is_empty = false;
  for (const int64_t dimension : shape) {
    if (dimension < 0) return std::nullopt;
    if (dimension == 0) {
      is_empty = true;
      continue;
    }
    if (bytes > kMax / static_cast<uint64_t>(dimension)) return std::nullopt;
    bytes *= static_cast<uint64_t>(dimension);
  }
  return is_empty ? 0 : bytes;
}

template <typename... Parts>
absl::Status BadTensorFile(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat("not a valid tensor file: ", parts...));
}

absl::StatusOr<int64_t> NonNegative(const Json& value, const std::string& what) {
  if (!value.is_number_unsigned() ||
      value.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return BadTensorFile(what, " is not a whole number >= 0");
  }
  return value.get<int64_t>();
}

absl::StatusOr<TensorPlace> DecodePlace(const std::string& name, const Json& entry) {
  TensorPlace place;
  place.spec.name = name;
  const std::string what = absl::StrCat("tensor '", name, "'");
  if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") ||
      !entry.contains("data_offsets") || entry.size() != 3) {
    return BadTensorFile(what, " must have dtype, shape and data_offsets and nothing else");
  }
  const Json& dtype = entry["dtype"];
  const std::optional<DType> known =
      dtype.is_string() ? DTypeOfName(dtype.get_ref<const std::string&>()) : std::nullopt;
  if (!known) return BadTensorFile(what, " has an unknown dtype");
  place.spec.dtype = *known;

  const Json& shape = entry["shape"];
  if (!shape.is_array()) return BadTensorFile(what, " has a shape that is no array");
  for (const Json& dimension : shape) {
    CAVIAR_ASSIGN_OR_RETURN(const int64_t size, NonNegative(dimension, what + ": a dimension"));
    place.spec.shape.push_back(size);
  }

  const Json& offsets = entry["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2)
    return BadTensorFile(what, " needs two data_offsets");
  CAVIAR_ASSIGN_OR_RETURN(const int64_t begin, NonNegative(offsets[0], what + ": an offset"));
  CAVIAR_ASSIGN_OR_RETURN(const int64_t end, NonNegative(offsets[1], what + ": an offset"));
  place.begin = static_cast<uint64_t>(begin);
  place.end = static_cast<uint64_t>(end);
  const std::optional<uint64_t> bytes = TensorBytes(place.spec.dtype, place.spec.shape);
  if (!bytes) return BadTensorFile(what, " has a shape too large for any memory");
  if (place.end < place.begin || place.end - place.begin != *bytes) {
    return BadTensorFile(what, " takes ", *bytes, " bytes by its shape, but its offsets are ",
                         place.begin, " to ", place.end);
  }
  return place;
}

absl::StatusOr<TensorMetadata> DecodeMetadata(const Json& entry) {
  if (!entry.is_object()) return BadTensorFile(kMetadataName, " is not an object");
  TensorMetadata metadata;
  for (const auto& [key, value] : entry.items()) {
    if (!value.is_string()) return BadTensorFile(kMetadataName, ": '", key, "' is not text");
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

// Without gaps and overlaps, from 0 to the last byte.
absl::Status CheckPlaces(const std::vector<TensorPlace>& places, uint64_t data_bytes) {
  uint64_t end = 0;
  for (const TensorPlace& place : places) {
    if (place.begin != end) {
      return BadTensorFile("tensor '", place.spec.name, "' starts at ", place.begin,
                           place.begin < end ? ", inside the one before it" : ", after a gap",
                           "; expected ", end);
    }
    end = place.end;
  }
  if (end != data_bytes) {
    return BadTensorFile("the tensors take ", end, " bytes, but ", data_bytes, " follow the header",
                         end > data_bytes ? " (truncated?)" : "");
  }
  return absl::OkStatus();
}

absl::StatusOr<Json> ParseJson(absl::string_view text) {
  // The parser silently keeps the last of two equal keys; counting keys finds that out.
  size_t keys = 0;
  const auto count_keys = [&keys](int depth, Json::parse_event_t event, Json&) {
    if (depth == 1 && event == Json::parse_event_t::key) ++keys;
    return true;
  };
  Json json = Json::parse(text.begin(), text.end(), count_keys, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object())
    return BadTensorFile("its header is not a JSON object");
  if (keys != json.size()) return BadTensorFile("its header names a tensor twice");
  return json;
}

}  // namespace

size_t DTypeBytes(DType dtype) {
  switch (dtype) {
    case DType::kU8:
      return 1;
    case DType::kF32:
    case DType::kI32:
    case DType::kU32:
      return 4;
    case DType::kF64:
    case DType::kI64:
    case DType::kU64:
      return 8;
  }
  CAVIAR_CHECK(false) << "unknown dtype";
  return 0;
}

absl::string_view DTypeName(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return "F32";
    case DType::kF64:
      return "F64";
    case DType::kI32:
      return "I32";
    case DType::kI64:
      return "I64";
    case DType::kU8:
      return "U8";
    case DType::kU32:
      return "U32";
    case DType::kU64:
      return "U64";
  }
  CAVIAR_CHECK(false) << "unknown dtype";
  return "";
}

TensorHeader LayOutTensors(std::span<const TensorSpec> specs, const TensorMetadata& metadata) {
  TensorHeader header;
  header.metadata = metadata;
  for (const TensorSpec& spec : specs) {
    CAVIAR_CHECK(!spec.name.empty() && spec.name != kMetadataName) << "'" << spec.name << "'";
    header.places.push_back({spec, 0, 0});
  }
  std::sort(header.places.begin(), header.places.end(),
            [](const TensorPlace& a, const TensorPlace& b) {
              const size_t a_bytes = DTypeBytes(a.spec.dtype), b_bytes = DTypeBytes(b.spec.dtype);
              return a_bytes != b_bytes ? a_bytes > b_bytes : a.spec.name < b.spec.name;
            });
  std::set<absl::string_view> names;
  for (TensorPlace& place : header.places) {
    CAVIAR_CHECK(names.insert(place.spec.name).second) << "two tensors named " << place.spec.name;
    const std::optional<uint64_t> bytes = TensorBytes(place.spec.dtype, place.spec.shape);
    CAVIAR_CHECK(bytes.has_value()) << "bad shape of " << place.spec.name;
    place.begin = header.data_bytes;
    place.end = header.data_bytes + *bytes;
    header.data_bytes = place.end;
  }
  return header;
}

std::string EncodeTensorHeader(TensorHeader& header) {
  Json json = Json::object();
  if (!header.metadata.empty()) json[kMetadataName] = header.metadata;
  for (const TensorPlace& place : header.places) {
    json[place.spec.name] = {{"dtype", std::string(DTypeName(place.spec.dtype))},
                             {"shape", place.spec.shape},
                             {"data_offsets", {place.begin, place.end}}};
  }
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');
  const uint64_t length = text.size();
  header.header_bytes = kLengthBytes + length;
  std::string bytes(kLengthBytes, '\0');
  std::memcpy(bytes.data(), &length, kLengthBytes);
  return bytes + text;
}

absl::StatusOr<TensorHeader> DecodeTensorHeader(absl::string_view file) {
  if (file.size() < kLengthBytes) return BadTensorFile("it has only ", file.size(), " bytes");
  uint64_t length = 0;
  std::memcpy(&length, file.data(), kLengthBytes);
  if (length > kHeaderBytesMax || length > file.size() - kLengthBytes) {
    return BadTensorFile("its header would take ", length, " bytes of ", file.size());
  }
  TensorHeader header;
  header.header_bytes = kLengthBytes + length;
  header.data_bytes = file.size() - header.header_bytes;
  CAVIAR_ASSIGN_OR_RETURN(const Json json, ParseJson(file.substr(kLengthBytes, length)));
  for (const auto& [name, entry] : json.items()) {
    if (name == kMetadataName) {
      CAVIAR_ASSIGN_OR_RETURN(header.metadata, DecodeMetadata(entry));
      continue;
    }
    CAVIAR_ASSIGN_OR_RETURN(TensorPlace place, DecodePlace(name, entry));
    header.places.push_back(std::move(place));
  }
  // Tensors without elements share their place with the next one and sort before it.
  std::sort(header.places.begin(), header.places.end(),
            [](const TensorPlace& a, const TensorPlace& b) {
              return std::tie(a.begin, a.end, a.spec.name) < std::tie(b.begin, b.end, b.spec.name);
            });
  CAVIAR_RETURN_IF_ERROR(CheckPlaces(header.places, header.data_bytes));
  return header;
}

}  // namespace caviar::data
