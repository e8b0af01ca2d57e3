#include "common/data/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/file/durable_file.h"
#include "common/random/rng.h"

namespace caviar::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Rows = std::vector<std::vector<std::string>>;

absl::StatusOr<Rows> Read(const std::string& bytes, char delimiter,
                          std::vector<int64_t>* lines = nullptr, bool keeps_blank_lines = false) {
  const std::string path =
      (std::filesystem::path(::testing::TempDir()) / absl::StrCat("csv_reader_test.", getpid()))
          .string();
  EXPECT_TRUE(WriteFileDurably(path, bytes).ok());
  auto source = ByteSource::Open({path, "data.csv"});
  if (!source.ok()) return source.status();
  CsvReader reader(*std::move(source), delimiter);
  if (keeps_blank_lines) reader.KeepBlankLines();
  Rows rows;
  for (;;) {
    const absl::StatusOr<bool> found = reader.Next();
    if (!found.ok()) return found.status();
    if (!*found) return rows;
    rows.emplace_back(reader.fields().begin(), reader.fields().end());
    if (lines != nullptr) lines->push_back(reader.line());
  }
}

std::string ErrorOf(const std::string& bytes) {
  return std::string(Read(bytes, ',').status().message());
}

TEST(CsvReaderTest, SplitsQuotedFieldsAsRfc4180) {
  EXPECT_EQ(*Read("a,\"b,c\",\"d\"\"e\"\n\"x\ny\",,z\n", ','),
            (Rows{{"a", "b,c", "d\"e"}, {"x\ny", "", "z"}}));
}

TEST(CsvReaderTest, TrimsBlanksOutsideQuotesOnly) {
  EXPECT_EQ(*Read(" a , b c,\" d \" ,\t\n", ','), (Rows{{"a", "b c", " d ", ""}}));
  EXPECT_EQ(*Read("a\t b\t\n", '\t'), (Rows{{"a", "b", ""}}));
}

TEST(CsvReaderTest, TakesEveryLineEndAndSkipsBlankLines) {
  std::vector<int64_t> lines;
  EXPECT_EQ(*Read("a,b\r\n\r\nc,d\re,f\n\n   \ng,h", ',', &lines),
            (Rows{{"a", "b"}, {"c", "d"}, {"e", "f"}, {"g", "h"}}));
  EXPECT_THAT(lines, ElementsAre(1, 3, 4, 7));
}

TEST(CsvReaderTest, KeepsBlankLinesButForTheLastOnesWhenAsked) {
  std::vector<int64_t> lines;
  EXPECT_EQ(*Read("\na\n\r\n  \rb\n\n\"\"\n\n \n", ',', &lines, true),
            (Rows{{""}, {"a"}, {""}, {""}, {"b"}, {""}, {""}}));
  EXPECT_THAT(lines, ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_EQ(*Read("\n\n", ',', nullptr, true), Rows());
}

TEST(CsvReaderTest, CountsLinesInsideQuotes) {
  std::vector<int64_t> lines;
  ASSERT_TRUE(Read("\"a\nb\nc\"\nd\n", ',', &lines).ok());
  EXPECT_THAT(lines, ElementsAre(1, 4));
}

TEST(CsvReaderTest, SkipsTheByteOrderMark) {
  EXPECT_EQ(*Read("\xEF\xBB\xBF\"a\",b\n", ','), (Rows{{"a", "b"}}));
}

TEST(CsvReaderTest, TakesQuotesInsideUnquotedFieldsAsTheyAre) {
  EXPECT_EQ(*Read("5\" disk,it\"s\n", ','), (Rows{{"5\" disk", "it\"s"}}));
}

TEST(CsvReaderTest, EndsTheLastRowWithoutLineEnd) {
  EXPECT_EQ(*Read("a,", ','), (Rows{{"a", ""}}));
  EXPECT_EQ(*Read("a,\"b\"", ','), (Rows{{"a", "b"}}));
  EXPECT_EQ(*Read("", ','), Rows());
  EXPECT_EQ(*Read("\"\"", ','), (Rows{{""}}));
}

TEST(CsvReaderTest, SaysWhereAFileIsBroken) {
  EXPECT_THAT(ErrorOf("a,b\nc,\"d\n"),
              HasSubstr("data.csv, line 2, column 1 (counted from 0): the quote that opens here"));
  EXPECT_THAT(ErrorOf("a,\"b\"c\n"), HasSubstr("text follows a closing quote"));
  EXPECT_THAT(ErrorOf(std::string("a\0b\n", 4)), HasSubstr("line 1, column 0"));
  EXPECT_THAT(ErrorOf(std::string("\"a\0b\"\n", 6)), HasSubstr("NUL"));
  EXPECT_THAT(ErrorOf("\xFF\xFE"
                      "a"),
              HasSubstr("UTF-16"));
  EXPECT_THAT(ErrorOf("\"" + std::string(3 << 20, 'x')), HasSubstr("not closed within"));
  EXPECT_THAT(ErrorOf(std::string(40 << 20, 'x')), HasSubstr("longer than"));
  EXPECT_THAT(ErrorOf(std::string(300'000, ',')), HasSubstr("more than 250000 columns"));
}

TEST(CsvReaderTest, ReadsRowsLongerThanItsBuffer) {
  const std::string wide(700'000, 'w');
  EXPECT_EQ(*Read(absl::StrCat("a,", wide, "\n", wide, ",b\n"), ','),
            (Rows{{"a", wide}, {wide, "b"}}));
}

// The oracle: whole text at once, one character after the other.
Rows NaiveParse(const std::string& text, char delimiter) {
  Rows rows;
  size_t at = 0;
  const auto is_blank = [&](char c) { return c == ' ' || (c == '\t' && delimiter != '\t'); };
  const auto at_end_of_field = [&] {
    return at == text.size() || text[at] == delimiter || text[at] == '\n' || text[at] == '\r';
  };
  while (at < text.size()) {
    std::vector<std::string> row;
    bool was_quoted = false;
    for (;;) {
      std::string field;
      while (at < text.size() && is_blank(text[at])) ++at;
      if (at < text.size() && text[at] == '"') {
        was_quoted = true;
        for (++at; text[at] != '"' || (at + 1 < text.size() && text[at + 1] == '"'); ++at) {
          field += text[at];
          if (text[at] == '"') ++at;
        }
        ++at;
        while (at < text.size() && is_blank(text[at])) ++at;
      } else {
        while (!at_end_of_field()) field += text[at++];
        while (!field.empty() && is_blank(field.back())) field.pop_back();
      }
      row.push_back(field);
      if (at < text.size() && text[at] == delimiter) {
        ++at;
        continue;
      }
      break;
    }
    if (at < text.size() && text[at] == '\r') ++at;
    if (at < text.size() && text[at] == '\n') ++at;
    if (row.size() > 1 || !row[0].empty() || was_quoted) rows.push_back(row);
  }
  return rows;
}

TEST(CsvReaderTest, AgreesWithANaiveParserOnRandomTables) {
  constexpr absl::string_view kAlphabet = "ab1 ,;\t\"\n\r";
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    const char delimiter = ",;\t"[rng.UniformInt(3)];
    const std::string line_end = rng.UniformInt(2) == 0 ? "\n" : "\r\n";
    std::string text;
    for (uint32_t r = rng.UniformInt(8) + 1; r > 0; --r) {
      std::vector<std::string> fields;
      for (uint32_t c = rng.UniformInt(5) + 1; c > 0; --c) {
        std::string content;
        for (uint32_t i = rng.UniformInt(6); i > 0; --i) {
          content += kAlphabet[rng.UniformInt(static_cast<uint32_t>(kAlphabet.size()))];
        }
        const bool needs_quotes = content.find_first_of("\"\n\r") != std::string::npos ||
                                  content.find(delimiter) != std::string::npos ||
                                  rng.UniformInt(3) == 0;
        if (needs_quotes) {
          content = absl::StrCat("\"", absl::StrReplaceAll(content, {{"\"", "\"\""}}), "\"");
          if (rng.UniformInt(4) == 0) content = absl::StrCat(" ", content, "  ");
        }
        fields.push_back(content);
      }
      absl::StrAppend(&text, absl::StrJoin(fields, std::string(1, delimiter)), line_end);
    }
    const absl::StatusOr<Rows> rows = Read(text, delimiter);
    ASSERT_TRUE(rows.ok()) << "seed " << seed << ": " << rows.status();
    ASSERT_EQ(*rows, NaiveParse(text, delimiter)) << "seed " << seed << ":\n" << text;
  }
}

}  // namespace
}  // namespace caviar::data
