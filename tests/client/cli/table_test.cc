#include "client/cli/table.h"

#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "client/cli/printable.h"

namespace caviar::cli {
namespace {

Table Example() {
  Table table;
  table.columns = {{"n", true}, {"name"}, {"value", "exact value", true}};
  table.rows = {{CountCell(1), TextCell("short"), NumberCell(0.123456789)},
                {CountCell(20), TextCell("a much longer name"), NoCell()}};
  return table;
}

TEST(RenderTableTest, AlignsColumns) {
  EXPECT_EQ(RenderTable(Example(), 0),
            " n  name                  value\n"
            " 1  short               0.12346\n"
            "20  a much longer name\n");
}

TEST(RenderTableTest, ShortensTextThenLeavesOutColumns) {
  EXPECT_EQ(RenderTable(Example(), 24),
            " n  name           value\n"
            " 1  short        0.12346\n"
            "20  a much lon…\n");
  EXPECT_EQ(RenderTable(Example(), 14),
            " n  name\n"
            " 1  short\n"
            "20  a much …\n"
            "(a wider terminal, or --output csv, also shows value)\n");
}

TEST(RenderTableTest, KeepsToAnyWidth) {
  for (int width = 1; width < 60; ++width) {
    const std::string text = RenderTable(Example(), width);
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      if (line.empty() || line[0] == '(') continue;
      EXPECT_LE(DisplayWidth(line), width) << text;
    }
  }
}

TEST(RenderTableTest, TakesOutControlCharacters) {
  Table table;
  table.columns = {{"name"}};
  table.rows = {{TextCell("a\x1b]0;title\x07")}};
  EXPECT_EQ(RenderTable(table, 0), "name\na]0;title\n");
}

TEST(RenderCsvTest, QuotesAsRfc4180SaysAndKeepsNumbersExact) {
  Table table;
  table.columns = {{"a"}, {"b", "b, exact", true}};
  table.rows = {{TextCell("x\"y,z\nw"), NumberCell(0.1 + 0.2)}, {TextCell(""), NoCell()}};
  EXPECT_EQ(RenderCsv(table), "a,\"b, exact\"\r\n\"x\"\"y,z\nw\",0.30000000000000004\r\n,\r\n");
}

TEST(RenderCsvTest, DisarmsFormulasInTextButNotNumbers) {
  Table table;
  table.columns = {{"t"}, {"=n"}};
  for (const char* text : {"=1+1", "+x", "-x", "@x", "\tx"}) {
    table.rows.push_back({TextCell(text), NumberCell(-2)});
  }
  EXPECT_EQ(RenderCsv(table), "t,'=n\r\n'=1+1,-2\r\n'+x,-2\r\n'-x,-2\r\n'@x,-2\r\n'\tx,-2\r\n");
}

TEST(RenderCsvTest, LeavesTextThatIsANumberAsItIs) {
  Table table;
  table.columns = {{"class"}};
  for (const char* text : {"-1", "+1", "-.5", "-1e300", "-1+1", "-inf", "-", "+-1"}) {
    table.rows.push_back({TextCell(text)});
  }
  EXPECT_EQ(RenderCsv(table),
            "class\r\n-1\r\n+1\r\n-.5\r\n-1e300\r\n'-1+1\r\n'-inf\r\n'-\r\n'+-1\r\n");
}

TEST(NumberTextTest, IsShortForPeopleAndExactForPrograms) {
  EXPECT_EQ(ShortNumber(0.97125), "0.97125");
  EXPECT_EQ(ShortNumber(1e-5), "1e-05");
  EXPECT_EQ(ShortNumber(256), "256");
  EXPECT_EQ(ExactNumber(1.0 / 3), "0.3333333333333333");
}

}  // namespace
}  // namespace caviar::cli
