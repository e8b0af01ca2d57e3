#include "common/data/array_header.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/data/cell.h"
#include "common/data/limits.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"

namespace caviar::data {
namespace {

constexpr absl::string_view kNpyMagic = "\x93NUMPY";
// NumPy's own header is a line of about a hundred bytes; structured types are longer.
constexpr uint32_t kNpyHeaderBytesMax = 65536;

template <typename... Parts>
absl::Status BadArray(const ByteSource& source, const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(source.name(), ": ", parts...));
}

absl::StatusOr<std::string> ReadBytes(ByteSource& source, size_t count, absl::string_view what) {
  std::string bytes(count, '\0');
  CAVIAR_ASSIGN_OR_RETURN(const size_t have, source.ReadFully(std::span(bytes.data(), count)));
  if (have != count) return BadArray(source, "the file ends inside the ", what);
  return bytes;
}

absl::Status CheckShape(const ByteSource& source, const std::vector<int64_t>& shape) {
  if (shape.empty()) return BadArray(source, "holds a single number, not an array");
  int64_t elements = 1;
  for (const int64_t dimension : shape) {
    // A dimension of zero is told as "no rows" later; here it must not hide an overflow.
    const int64_t factor = std::max<int64_t>(dimension, 1);
    if (dimension < 0 || factor > kValuesMax / elements) {
      return BadArray(source, "the dimensions ", absl::StrJoin(shape, " x "), " are more than the ",
                      kValuesMax, " values that fit a data set");
    }
    elements *= factor;
  }
  return absl::OkStatus();
}

// A cursor over the Python dictionary that an NPY file starts with.
class NpyDict {
 public:
  explicit NpyDict(absl::string_view text) : text_(text) {}

  bool Skip(char c) {
    text_ = absl::StripLeadingAsciiWhitespace(text_);
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool AtEnd() {
    text_ = absl::StripLeadingAsciiWhitespace(text_);
    return text_.empty();
  }
  std::optional<std::string> Text() {
    text_ = absl::StripLeadingAsciiWhitespace(text_);
    if (text_.empty() || (text_[0] != '\'' && text_[0] != '"')) return std::nullopt;
    const size_t end = text_.find(text_[0], 1);
    if (end == absl::string_view::npos) return std::nullopt;
    std::string found(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return found;
  }
  std::optional<bool> Boolean() {
    text_ = absl::StripLeadingAsciiWhitespace(text_);
    if (absl::ConsumePrefix(&text_, "True")) return true;
    if (absl::ConsumePrefix(&text_, "False")) return false;
    return std::nullopt;
  }
  std::optional<std::vector<int64_t>> Tuple() {
    if (!Skip('(')) return std::nullopt;
    std::vector<int64_t> numbers;
    while (!Skip(')')) {
      text_ = absl::StripLeadingAsciiWhitespace(text_);
      const size_t digits = std::min(text_.find_first_not_of("0123456789"), text_.size());
      int64_t number = 0;
      if (!absl::SimpleAtoi(text_.substr(0, digits), &number)) return std::nullopt;
      text_.remove_prefix(digits);
      numbers.push_back(number);
      if (!Skip(',') && !absl::StartsWith(absl::StripLeadingAsciiWhitespace(text_), ")")) {
        return std::nullopt;
      }
    }
    return numbers;
  }

 private:
  absl::string_view text_;
};

struct NpyFields {
  std::string descr;
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

std::optional<NpyFields> ParseNpyDict(absl::string_view text) {
  NpyDict dict(text);
  NpyFields fields;
  int seen = 0;
  if (!dict.Skip('{')) return std::nullopt;
  while (!dict.Skip('}')) {
    const std::optional<std::string> key = dict.Text();
    if (!key || !dict.Skip(':')) return std::nullopt;
    if (*key == "descr") {
      // A list here is a structured type.
      fields.descr = dict.Text().value_or("structured");
      if (fields.descr == "structured") return fields;
      seen |= 1;
    } else if (*key == "fortran_order") {
      const std::optional<bool> value = dict.Boolean();
      if (!value) return std::nullopt;
      fields.fortran_order = *value;
      seen |= 2;
    } else if (*key == "shape") {
      std::optional<std::vector<int64_t>> shape = dict.Tuple();
      if (!shape) return std::nullopt;
      fields.shape = *std::move(shape);
      seen |= 4;
    } else {
      return std::nullopt;
    }
    dict.Skip(',');
  }
  if (seen != 7 || !dict.AtEnd()) return std::nullopt;
  return fields;
}

absl::Status SetNpyType(const ByteSource& source, absl::string_view descr, ArrayHeader& header) {
  int bytes = 0;
  const bool is_known = descr.size() == 3 && absl::StrContains("<>|=", descr.substr(0, 1)) &&
                        absl::SimpleAtoi(descr.substr(2), &bytes) &&
                        (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
  const char kind = is_known ? descr[1] : 'O';
  header.bytes = bytes;
  header.is_big_endian = is_known && descr[0] == '>';
  if (kind == 'u' || (kind == 'b' && bytes == 1)) {
    header.kind = ArrayHeader::Kind::kUnsigned;
  } else if (kind == 'i') {
    header.kind = ArrayHeader::Kind::kSigned;
  } else if (kind == 'f' && bytes >= 4) {
    header.kind = ArrayHeader::Kind::kFloat;
  } else {
    return BadArray(source, "holds elements of type ", Quoted(descr),
                    "; numbers are needed: save it as uint8, int32, int64, float32 or float64");
  }
  return absl::OkStatus();
}

}  // namespace

int64_t ArrayHeader::width() const {
  int64_t width = 1;
  for (size_t i = 1; i < shape.size(); ++i) width *= shape[i];
  return width;
}

bool LooksLikeIdx(absl::string_view start) {
  if (start.size() < 4 || start[0] != 0 || start[1] != 0) return false;
  const auto type = static_cast<uint8_t>(start[2]);
  const auto dimensions = static_cast<uint8_t>(start[3]);
  return type >= 0x08 && type <= 0x0E && type != 0x0A && dimensions >= 1 && dimensions <= 8;
}

bool LooksLikeNpy(absl::string_view start) { return absl::StartsWith(start, kNpyMagic); }

absl::StatusOr<ArrayHeader> ReadIdxHeader(ByteSource& source) {
  CAVIAR_ASSIGN_OR_RETURN(const std::string magic, ReadBytes(source, 4, "IDX header"));
  if (!LooksLikeIdx(magic)) {
    return BadArray(source, "is no IDX file (it does not start with 0, 0, type, dimensions)");
  }
  ArrayHeader header;
  header.is_big_endian = true;
  switch (static_cast<uint8_t>(magic[2])) {
    case 0x08:
      break;
    case 0x09:
      header.kind = ArrayHeader::Kind::kSigned;
      break;
    case 0x0B:
      header.kind = ArrayHeader::Kind::kSigned;
      header.bytes = 2;
      break;
    case 0x0C:
      header.kind = ArrayHeader::Kind::kSigned;
      header.bytes = 4;
      break;
    case 0x0D:
      header.kind = ArrayHeader::Kind::kFloat;
      header.bytes = 4;
      break;
    default:
      header.kind = ArrayHeader::Kind::kFloat;
      header.bytes = 8;
  }
  const size_t dimensions = static_cast<uint8_t>(magic[3]);
  CAVIAR_ASSIGN_OR_RETURN(const std::string sizes, ReadBytes(source, 4 * dimensions, "IDX header"));
  for (size_t i = 0; i < dimensions; ++i) {
    uint32_t size = 0;
    std::memcpy(&size, sizes.data() + 4 * i, 4);
    header.shape.push_back(__builtin_bswap32(size));
  }
  CAVIAR_RETURN_IF_ERROR(CheckShape(source, header.shape));
  return header;
}

absl::StatusOr<ArrayHeader> ReadNpyHeader(ByteSource& source) {
  CAVIAR_ASSIGN_OR_RETURN(const std::string start,
                          ReadBytes(source, kNpyMagic.size() + 2, "NPY header"));
  if (!LooksLikeNpy(start))
    return BadArray(source, "is no NPY file (it does not start with \\x93NUMPY)");
  const auto version = static_cast<uint8_t>(start[kNpyMagic.size()]);
  if (version < 1 || version > 3) return BadArray(source, "has the unknown NPY version ", version);
  const size_t length_bytes = version == 1 ? 2 : 4;
  CAVIAR_ASSIGN_OR_RETURN(const std::string length_text,
                          ReadBytes(source, length_bytes, "NPY header"));
  uint32_t length = 0;
  std::memcpy(&length, length_text.data(), length_bytes);
  if (length > kNpyHeaderBytesMax)
    return BadArray(source, "has an NPY header of ", length, " bytes");
  CAVIAR_ASSIGN_OR_RETURN(const std::string text, ReadBytes(source, length, "NPY header"));
  const std::optional<NpyFields> fields = ParseNpyDict(text);
  if (!fields) return BadArray(source, "has an NPY header that cannot be read: ", Quoted(text));

  ArrayHeader header;
  CAVIAR_RETURN_IF_ERROR(SetNpyType(source, fields->descr, header));
  header.shape = fields->shape;
  CAVIAR_RETURN_IF_ERROR(CheckShape(source, header.shape));
  if (fields->fortran_order && header.shape.size() > 1) {
    return BadArray(source,
                    "is stored column by column (fortran_order); save numpy.ascontiguousarray(x)");
  }
  return header;
}

double DecodeElement(const ArrayHeader& header, const char* bytes) {
  uint64_t bits = 0;
  std::memcpy(&bits, bytes, static_cast<size_t>(header.bytes));
  if (header.is_big_endian) bits = __builtin_bswap64(bits) >> (64 - 8 * header.bytes);
  if (header.kind == ArrayHeader::Kind::kUnsigned) return static_cast<double>(bits);
  if (header.kind == ArrayHeader::Kind::kFloat) {
    return header.bytes == 4
               ? static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bits)))
               : std::bit_cast<double>(bits);
  }
  const int unused_bits = 64 - 8 * header.bytes;
  return static_cast<double>(static_cast<int64_t>(bits << unused_bits) >> unused_bits);
}

}  // namespace caviar::data
