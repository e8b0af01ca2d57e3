// Streams the rows of a delimited text file (RFC 4180): quoted fields may hold delimiters, line
// breaks and doubled quotes; lines end in LF, CRLF or CR; a UTF-8 byte order mark is skipped.
// Beyond the RFC: blanks around fields are trimmed (not inside quotes), blank lines are skipped
// unless asked for, and a quote in the middle of an unquoted field is an ordinary character.
//
// Threads:   thread-compatible.
// Ownership: a row's fields point into the reader and last until the next call of Next.
// Errors:    kInvalidArgument "NAME, line L, column C (counted from 0): ..." for an unclosed quote,
//            text after a closing quote, NUL bytes, UTF-16, rows beyond the limits; afterwards the
//            reader must not be used.
#ifndef CAVIAR_COMMON_DATA_CSV_READER_H_
#define CAVIAR_COMMON_DATA_CSV_READER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/data/byte_source.h"

namespace caviar::data {

class CsvReader {
 public:
  // Requires: delimiter is none of blank, quote, CR, LF, NUL.
  CsvReader(std::unique_ptr<ByteSource> source, char delimiter);

  // From here on a blank line is a row of one empty field, except at the end of the file: in a file
  // of one column a missing value is written so.
  void KeepBlankLines() { keeps_blank_lines_ = true; }

  // Reads the next row; false at the end.
  absl::StatusOr<bool> Next();

  const std::vector<absl::string_view>& fields() const { return fields_; }
  // Of the row's first character, from 1.
  int64_t line() const { return row_line_ - blank_lines_owed_; }
  const std::string& name() const { return source_->name(); }
  bool is_gzip() const { return source_->is_gzip(); }

 private:
  enum class State { kFieldStart, kUnquoted, kQuoted, kQuoteInQuoted, kAfterQuoted };
  // A field's place relative to the row's start.
  struct Mark {
    size_t begin = 0;
    size_t end = 0;
    bool is_quoted = false;
    bool has_doubled_quotes = false;
  };

  absl::StatusOr<bool> ScanRow();
  // Handles the characters at the cursor; true when they ended the row.
  absl::StatusOr<bool> Advance();
  absl::Status EndFile();
  // Ends the field at `end`, which is where the cursor's character (delimiter or line end) is.
  absl::StatusOr<bool> EndField(char terminator);
  absl::StatusOr<bool> Refill();
  absl::Status CheckStart();
  void MakeFields();
  bool IsBlank(char c) const { return c == ' ' || (c == '\t' && delimiter_ != '\t'); }
  size_t Offset() const { return cursor_ - row_begin_; }
  absl::Status Failed(int64_t line, absl::string_view what) const;

  std::unique_ptr<ByteSource> source_;
  const char delimiter_;
  std::array<bool, 256> ends_unquoted_ = {};

  std::vector<char> buffer_;
  size_t row_begin_ = 0;
  size_t cursor_ = 0;
  size_t end_ = 0;
  bool is_start_of_file_ = true;

  State state_ = State::kFieldStart;
  Mark mark_;
  std::vector<Mark> marks_;
  int64_t line_ = 1;
  int64_t row_line_ = 1;
  int64_t quote_line_ = 1;
  // A CR ended the last row: an LF right after it belongs to it.
  bool skips_line_feed_ = false;

  bool keeps_blank_lines_ = false;
  // Blank lines before the scanned row, the one that fields() shows included: only a row behind
  // them tells that they are not the end of the file, so it waits for them.
  int64_t blank_lines_owed_ = 0;

  std::vector<absl::string_view> fields_;
};

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_CSV_READER_H_
