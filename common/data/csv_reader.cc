#include "common/data/csv_reader.h"

#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/data/limits.h"
#include "common/status/status_macros.h"

namespace caviar::data {
namespace {

constexpr size_t kCsvBufferBytes = size_t{1} << 18;

}  // namespace

CsvReader::CsvReader(std::unique_ptr<ByteSource> source, char delimiter)
    : source_(std::move(source)), delimiter_(delimiter), buffer_(kCsvBufferBytes) {
  for (const char c : {delimiter, '\n', '\r', '\0'}) {
    ends_unquoted_[static_cast<uint8_t>(c)] = true;
  }
}

absl::Status CsvReader::Failed(int64_t line, absl::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(name(), ", line ", line, ", column ",
                                                 marks_.size(), " (counted from 0): ", what));
}

absl::StatusOr<bool> CsvReader::Next() {
  if (blank_lines_owed_ > 0) {
    if (--blank_lines_owed_ == 0) MakeFields();
    return true;
  }
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool found, ScanRow());
    if (!found) return false;
    const Mark& first = marks_[0];
    const bool is_blank = marks_.size() == 1 && first.begin == first.end && !first.is_quoted;
    if (!is_blank) break;
    if (keeps_blank_lines_) ++blank_lines_owed_;
  }
  if (blank_lines_owed_ > 0) {
    fields_.assign(1, absl::string_view());
  } else {
    MakeFields();
  }
  return true;
}

absl::StatusOr<bool> CsvReader::ScanRow() {
  row_begin_ = cursor_;
  row_line_ = line_;
  marks_.clear();
  state_ = State::kFieldStart;
  for (;;) {
    if (cursor_ == end_) {
      CAVIAR_ASSIGN_OR_RETURN(const bool more, Refill());
      if (!more) {
        CAVIAR_RETURN_IF_ERROR(EndFile());
        return !marks_.empty();
      }
    }
    if (skips_line_feed_) {
      skips_line_feed_ = false;
      if (buffer_[cursor_] == '\n') {
        row_begin_ = ++cursor_;
        continue;
      }
    }
    CAVIAR_ASSIGN_OR_RETURN(const bool ended, Advance());
    if (ended) return true;
  }
}

absl::StatusOr<bool> CsvReader::Advance() {
  const char c = buffer_[cursor_];
  switch (state_) {
    case State::kFieldStart:
      if (IsBlank(c)) {
        ++cursor_;
      } else if (c == '"') {
        ++cursor_;
        mark_ = {Offset(), Offset(), true, false};
        quote_line_ = line_;
        state_ = State::kQuoted;
      } else {
        mark_ = {Offset(), Offset(), false, false};
        state_ = State::kUnquoted;
      }
      return false;

    case State::kUnquoted:
      while (cursor_ < end_ && !ends_unquoted_[static_cast<uint8_t>(buffer_[cursor_])]) ++cursor_;
      if (cursor_ == end_) return false;
      mark_.end = Offset();
      return EndField(buffer_[cursor_]);

    case State::kQuoted:
      if (c == '"') {
        mark_.end = Offset();
        state_ = State::kQuoteInQuoted;
      } else if (c == '\0') {
        return Failed(line_, "a NUL byte; is it a text file?");
      } else if (c == '\n') {
        ++line_;
      }
      ++cursor_;
      return false;

    case State::kQuoteInQuoted:
      if (c == '"') {
        mark_.has_doubled_quotes = true;
        ++cursor_;
        state_ = State::kQuoted;
      } else {
        state_ = State::kAfterQuoted;
      }
      return false;

    case State::kAfterQuoted:
      if (IsBlank(c)) {
        ++cursor_;
        return false;
      }
      if (!ends_unquoted_[static_cast<uint8_t>(c)]) {
        return Failed(line_,
                      "text follows a closing quote (a quote inside quotes is written \"\")");
      }
      return EndField(c);
  }
  return false;
}

absl::StatusOr<bool> CsvReader::EndField(char terminator) {
  if (terminator == '\0') {
    return Failed(line_, "a NUL byte; is it a text file (UTF-16 must be converted to UTF-8)?");
  }
  marks_.push_back(mark_);
  if (static_cast<int64_t>(marks_.size()) > kColumnsMax) {
    return Failed(line_, absl::StrCat("more than ", kColumnsMax, " columns"));
  }
  ++cursor_;
  state_ = State::kFieldStart;
  if (terminator == delimiter_) return false;
  ++line_;
  skips_line_feed_ = terminator == '\r';
  return true;
}

// Ends the last row, which may lack its line end.
absl::Status CsvReader::EndFile() {
  switch (state_) {
    case State::kFieldStart:
      // "a,b," has an empty third field; after a complete row there is nothing.
      if (marks_.empty()) return absl::OkStatus();
      mark_ = {Offset(), Offset(), false, false};
      break;
    case State::kUnquoted:
      mark_.end = Offset();
      break;
    case State::kQuoted:
      return Failed(quote_line_, "the quote that opens here is never closed");
    case State::kQuoteInQuoted:
    case State::kAfterQuoted:
      break;
  }
  marks_.push_back(mark_);
  state_ = State::kFieldStart;
  return absl::OkStatus();
}

// Keeps the row so far, moved to the front, and reads on behind it.
absl::StatusOr<bool> CsvReader::Refill() {
  const size_t kept = end_ - row_begin_;
  if (static_cast<int64_t>(kept) > kRowBytesMax) {
    return Failed(row_line_, absl::StrCat("the row is longer than ", kRowBytesMax, " bytes"));
  }
  if (state_ == State::kQuoted && static_cast<int64_t>(Offset() - mark_.begin) > kQuotedBytesMax) {
    return Failed(quote_line_, absl::StrCat("the quote that opens here is not closed within ",
                                            kQuotedBytesMax, " bytes"));
  }
  std::memmove(buffer_.data(), buffer_.data() + row_begin_, kept);
  cursor_ -= row_begin_;
  row_begin_ = 0;
  end_ = kept;
  if (end_ * 2 > buffer_.size()) buffer_.resize(buffer_.size() * 2);
  if (is_start_of_file_) {
    is_start_of_file_ = false;
    CAVIAR_ASSIGN_OR_RETURN(end_, source_->ReadFully(std::span(buffer_.data(), kCsvBufferBytes)));
    CAVIAR_RETURN_IF_ERROR(CheckStart());
    return cursor_ < end_;
  }
  CAVIAR_ASSIGN_OR_RETURN(const size_t count, source_->Read(std::span(buffer_).subspan(end_)));
  end_ += count;
  return count > 0;
}

absl::Status CsvReader::CheckStart() {
  const absl::string_view start(buffer_.data(), end_);
  if (absl::StartsWith(start, "\xFF\xFE") || absl::StartsWith(start, "\xFE\xFF")) {
    return Failed(1, "the file is UTF-16; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)");
  }
  if (absl::StartsWith(start, "\xEF\xBB\xBF")) row_begin_ = cursor_ = 3;
  return absl::OkStatus();
}

void CsvReader::MakeFields() {
  fields_.clear();
  fields_.reserve(marks_.size());
  char* const row = buffer_.data() + row_begin_;
  for (const Mark& mark : marks_) {
    size_t end = mark.end;
    if (mark.has_doubled_quotes) {
      size_t to = mark.begin;
      for (size_t from = mark.begin; from < mark.end; ++from) {
        row[to++] = row[from];
        if (row[from] == '"') ++from;
      }
      end = to;
    } else if (!mark.is_quoted) {
      while (end > mark.begin && IsBlank(row[end - 1])) --end;
    }
    fields_.emplace_back(row + mark.begin, end - mark.begin);
  }
}

}  // namespace caviar::data
