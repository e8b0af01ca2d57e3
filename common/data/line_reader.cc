#include "common/data/line_reader.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/data/limits.h"
#include "common/status/status_macros.h"

namespace caviar::data {
namespace {

constexpr size_t kLineBufferBytes = size_t{1} << 16;

}  // namespace

LineReader::LineReader(std::unique_ptr<ByteSource> source)
    : source_(std::move(source)), buffer_(kLineBufferBytes) {}

std::string LineReader::LineText() const { return absl::StrCat(source_->name(), ", line ", line_); }

absl::StatusOr<bool> LineReader::Next() {
  size_t searched = 0;
  ++line_;
  for (;;) {
    const absl::string_view rest(buffer_.data() + begin_, end_ - begin_);
    const size_t found = rest.find('\n', searched);
    if (found != absl::string_view::npos) {
      text_ = rest.substr(0, found);
      begin_ += found + 1;
      break;
    }
    searched = rest.size();
    if (static_cast<int64_t>(searched) > kRowBytesMax) {
      return absl::InvalidArgumentError(
          absl::StrCat(LineText(), ": the line is longer than ", kRowBytesMax, " bytes"));
    }
    std::memmove(buffer_.data(), buffer_.data() + begin_, searched);
    begin_ = 0;
    end_ = searched;
    if (end_ * 2 > buffer_.size()) buffer_.resize(buffer_.size() * 2);
    CAVIAR_ASSIGN_OR_RETURN(const size_t count, source_->Read(std::span(buffer_).subspan(end_)));
    end_ += count;
    if (count > 0) continue;
    if (end_ == 0) return false;
    text_ = absl::string_view(buffer_.data(), end_);
    begin_ = end_;
    break;
  }
  text_ = absl::StripSuffix(text_, "\r");
  if (text_.find('\0') != absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(LineText(), ": a NUL byte; is it a text file?"));
  }
  return true;
}

}  // namespace caviar::data
