#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/data/array_header.h"
#include "common/data/import.h"
#include "common/data/libsvm_block.h"
#include "common/status/status_macros.h"

namespace caviar::data {
namespace {

struct ForeignFormat {
  absl::string_view magic;
  const char* advice;
};

constexpr ForeignFormat kForeignFormats[] = {
    {absl::string_view("PK\x03\x04", 4),
     "is a ZIP archive (also .npz and .xlsx are); unpack it, or save it as CSV or NPY"},
    {"PAR1", "is a Parquet file; save it as CSV or NPY"},
    {"BZh", "is bzip2; unpack it, or compress it with gzip"},
    {absl::string_view("\xFD"
                       "7zXZ\0",
                       6),
     "is xz; unpack it, or compress it with gzip"},
    {"\x28\xB5\x2F\xFD", "is zstd; unpack it, or compress it with gzip"},
    {"\x89HDF", "is an HDF5 file; save it as NPY or CSV"},
    {"ARROW1", "is an Arrow file; save it as CSV or NPY"},
    {"%PDF", "is a PDF file"},
    {"\x80\x04\x95", "is a Python pickle, which is code and not data; save it as NPY"},
};

}  // namespace

absl::StatusOr<v1::ImportSettings::Format> DetectFormat(const InputFile& file) {
  constexpr size_t kStartBytes = size_t{1} << 16;
  CAVIAR_ASSIGN_OR_RETURN(const auto source, ByteSource::Open(file));
  std::vector<char> buffer(kStartBytes);
  CAVIAR_ASSIGN_OR_RETURN(const size_t count, source->ReadFully(buffer));
  const absl::string_view start(buffer.data(), count);
  if (start.empty()) return absl::InvalidArgumentError(absl::StrCat(file.name, ": is empty"));
  for (const ForeignFormat& foreign : kForeignFormats) {
    if (absl::StartsWith(start, foreign.magic)) {
      return absl::InvalidArgumentError(absl::StrCat(file.name, ": ", foreign.advice));
    }
  }
  if (LooksLikeNpy(start)) return v1::ImportSettings::NPY;
  if (LooksLikeIdx(start)) return v1::ImportSettings::IDX;
  return LooksLikeLibsvm(start) ? v1::ImportSettings::LIBSVM : v1::ImportSettings::CSV;
}

}  // namespace caviar::data
