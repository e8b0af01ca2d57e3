#include "client/cli/table.h"

#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "common/text/printable.h"

namespace caviar::cli {
namespace {

Table Example() {
  Table table;
  table.columns = {{"n", true},
                   Column("name").ShortensTo(8),
                   Column("value", "exact value", true).Expendable(1)};
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

TEST(RenderTableTest, CutsFreeTextThenLeavesOutColumns) {
  EXPECT_EQ(RenderTable(Example(), 24),
            " n  name           value\n"
            " 1  short        0.12346\n"
            "20  a much lon…\n");
  EXPECT_EQ(RenderTable(Example(), 14),
            " n  name\n"
            " 1  short\n"
            "20  a much lo…\n"
            "(1 column hidden; --output csv shows all)\n");
}

// `state` is 9 wide and `optimizer` too: one of them must go, and neither is cut.
TEST(RenderTableTest, NeverCutsNamesStatesAndHeadings) {
  Table table;
  table.columns = {{"trial", true},
                   {"state"},
                   Column("optimizer").Expendable(2),
                   Column("batch", true).Expendable(1)};
  table.rows = {{CountCell(1), TextCell("completed"), TextCell("adam"), CountCell(64)}};
  EXPECT_EQ(RenderTable(table, 0),
            "trial  state      optimizer  batch\n"
            "    1  completed  adam          64\n");
  EXPECT_EQ(RenderTable(table, 33),
            "trial  state      batch\n"
            "    1  completed     64\n"
            "(1 column hidden; --output csv shows all)\n");
}

TEST(RenderTableTest, NamesTheHiddenColumnsThatThereIsRoomToName) {
  Table table;
  table.columns = {{"a"}};
  for (int i = 0; i < 9; ++i) table.columns.push_back({"a rather long heading"});
  table.rows.resize(1, std::vector<Cell>(10, TextCell("x")));
  const std::string text = RenderTable(table, 70);
  EXPECT_EQ(text.substr(text.find('(')),
            "(6 columns hidden: a rather long heading, …; --output csv shows all)\n");
}

TEST(RenderTableTest, DoesNotShowFreeTextThatNoRowHas) {
  Table table;
  table.columns = {{"n"}, Column("reason").ShortensTo(8)};
  table.rows = {{TextCell("1"), TextCell("")}};
  EXPECT_EQ(RenderTable(table, 0), "n\n1\n");
  EXPECT_EQ(RenderCsv(table), "n,reason\r\n1,\r\n");
}

TEST(RenderTableTest, SaysWhatABareHeadingWouldLeaveOpen) {
  Table table;
  table.columns = {{"n"}};
  table.if_empty = "nothing yet";
  EXPECT_EQ(RenderTable(table, 80), "nothing yet\n");
  EXPECT_EQ(RenderCsv(table), "n\r\n");
}

TEST(RenderTableTest, WrapsValuesBesideTheirNames) {
  Table table = DetailsTable();
  AddDetail(table, "name", TextCell("letters"));
  AddDetail(table, "classes", TextCell("one, two, three, four"));
  AddDetail(table, "reason", TextCell(""));
  EXPECT_EQ(RenderTable(table, 26),
            "name     letters\n"
            "classes  one, two, three,\n"
            "         four\n");
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

}  // namespace
}  // namespace caviar::cli
