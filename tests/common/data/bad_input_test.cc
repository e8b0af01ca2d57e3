// What a careless or hostile file says: one row a case, file bytes and the sentence the user gets.
#include "absl/strings/str_cat.h"
#include "common/data/byte_source.h"
#include "common/random/rng.h"
#include "tests/common/data/import_fixture.h"

namespace caviar::data {
namespace {

using ::testing::HasSubstr;

class BadInputTest : public ImportFixture {};

struct BadCsv {
  const char* name;
  std::string bytes;
  const char* target;
  const char* message;
};

std::string RandomBytes(size_t count) {
  Rng rng(5);
  std::string bytes;
  for (size_t i = 0; i < count; ++i) bytes += static_cast<char>(rng.UniformInt(256));
  return bytes;
}

std::string Numbers(int rows, int distinct, double step) {
  std::string csv = "x,y\n";
  for (int i = 0; i < rows; ++i) absl::StrAppend(&csv, i % 5, ",", (i % distinct) * step, "\n");
  return csv;
}

TEST_F(BadInputTest, GivesAClearErrorForEveryFile) {
  std::string slip = "age,n,y\n";
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&slip, i == 50 ? "12a" : absl::StrCat(i * 1.5), ",", i % 3, ",", i % 2, "\n");
  }
  const std::string good = Repeat("x,y\n", {"1,a", "2,b", "3,a"}, 30);
  const std::vector<BadCsv> cases = {
      {"empty", "", "y", "data.csv: is empty"},
      {"blank lines", "\n\n  \n", "y", "data.csv: the file has no rows"},
      {"header alone", "x,y\n", "y", "data.csv: the file has no data rows"},
      {"one class", Repeat("x,y\n", {"1,a", "2,a"}, 20), "y",
       "data.csv: all 20 rows have the same target 'a'"},
      {"fewer rows than classes", "x,y\n1,a\n2,b\n3,c\n", "y", "data.csv: too few rows"},
      {"one row", "x,y\n1,a\n", "y", "at least two classes"},
      {"ragged short", good + "1\n", "y",
       "data.csv, line 32: the row has 1 fields, but 2 were expected (as in line 1)"},
      {"ragged long", good + "1,a,2\n", "y", "line 32: the row has 3 fields"},
      {"no target", good, "", "say which column is the target; the first row has 'x', 'y'"},
      {"unknown target", good, "z", "no column is named 'z'; the first row has 'x', 'y'"},
      {"index beyond", good, "7", "no column is named '7'; there are 'x', 'y'"},
      {"random bytes", RandomBytes(100'000), "0", "data.csv"},
      {"nul", good + std::string("1\0,a\n", 5), "y", "data.csv, line 32, column 0"},
      {"invalid utf-8", good + "caf\xE9,a\n", "y",
       "data.csv, line 32, column 'x': 'caf\\xe9' is not UTF-8"},
      {"invalid utf-8 class", good + "1,\xE9\n", "y", "column 'y': the label '\\xe9' is not UTF-8"},
      {"invalid utf-8 header", "x\xE9,y\n1,a\n2,b\n", "y", "line 1, column 0"},
      {"utf-16", "\xFF\xFEx", "y", "UTF-16"},
      {"infinity", good + "inf,a\n", "y", "data.csv, line 32, column 'x': 'inf' is infinite"},
      {"overflow", good + "1e999,a\n", "y", "'1e999' is infinite or too large"},
      {"text among numbers", slip, "y", "data.csv, line 52, column 'age': '12a' is not a number"},
      {"open quote", good + "\"1,a\n", "y", "line 32, column 0"},
      {"truncated gzip", Gzip(good).substr(0, 30), "y", "data.csv: the gzip data is truncated"},
      {"two bytes of gzip", "\x1f\x8b", "y", "truncated"},
      {"corrupt gzip", "\x1f\x8bxxxxxxxxxxxxxxx", "y", "corrupt"},
      {"bytes after gzip", Gzip(good) + "trailing", "y", "other bytes follow the gzip data"},
      {"zip", "PK\x03\x04xxxx", "y", "data.csv: is a ZIP archive"},
      {"parquet", "PAR1xxxx", "y", "Parquet"},
      {"zstd", "\x28\xB5\x2F\xFDxxxx", "y", "zstd"},
      {"regression fractions", Numbers(300, 250, 0.37), "y", "regression is not supported"},
      {"regression integers", Numbers(300, 290, 3), "y", "regression is not supported"},
      {"target alone", Repeat("y\n", {"a", "b"}, 30), "y", "no column is left"},
      {"only missing", Repeat("x,y\n", {"?,a", ",b"}, 30), "y", "no column is left"},
      {"missing target", Repeat("x,y\n", {"1,", "2,?"}, 30), "y",
       "no row has a value in the target"},
      {"wrong format", "abc", "y", "data.csv"},
  };
  for (const BadCsv& bad : cases) {
    const auto dataset = ImportCsv(bad.bytes, bad.target);
    ASSERT_FALSE(dataset.ok()) << bad.name;
    EXPECT_THAT(std::string(dataset.status().message()), HasSubstr(bad.message)) << bad.name;
    EXPECT_FALSE(std::filesystem::exists(output())) << bad.name;
  }
}

TEST_F(BadInputTest, RefusesAHundredThousandColumnsOrImportsThem) {
  std::string csv = "y";
  for (int c = 0; c < 100'000; ++c) absl::StrAppend(&csv, ",column", c);
  for (int r = 0; r < 6; ++r) {
    absl::StrAppend(&csv, "\n", r % 2);
    for (int c = 0; c < 100'000; ++c) absl::StrAppend(&csv, ",", (r * c) % 7, ".25");
  }
  const auto dataset = ImportCsv(csv, "y");
  EXPECT_THAT(std::string(dataset.status().message()),
              HasSubstr("drop columns, or import as NPY or LIBSVM"));
  EXPECT_EQ(dataset.status().code(), absl::StatusCode::kInvalidArgument) << "the file's fault";
}

TEST_F(BadInputTest, NamesMissingFilesAndDirectories) {
  ImportFiles files;
  v1::ImportSettings settings;
  settings.set_target("y");
  EXPECT_THAT(std::string(Import(files, settings).status().message()),
              HasSubstr("no data file was given"));
  files.data = {(directory_ / "none.csv").string(), "none.csv"};
  EXPECT_EQ(Import(files, settings).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(Import(files, settings).status().message()), HasSubstr("none.csv"));
  files.data = {directory_.string(), "folder"};
  EXPECT_THAT(std::string(Import(files, settings).status().message()),
              HasSubstr("folder: is a directory"));
}

TEST_F(BadInputTest, StopsAGzipBombAtItsLimit) {
  const InputFile bomb = File("bomb.gz", Gzip(std::string(10 << 20, '0')));
  auto source = ByteSource::Open(bomb, 1 << 20);
  ASSERT_TRUE(source.ok());
  std::vector<char> buffer(1 << 16);
  uint64_t total = 0;
  for (;;) {
    const auto count = (*source)->Read(buffer);
    if (!count.ok()) {
      EXPECT_EQ(count.status().code(), absl::StatusCode::kResourceExhausted);
      EXPECT_THAT(std::string(count.status().message()), HasSubstr("bomb.gz: inflates to more"));
      break;
    }
    ASSERT_GT(*count, 0u);
    total += *count;
  }
  EXPECT_LE(total, 1u << 20);
}

TEST_F(BadInputTest, ReadsGzipMembersInARowAndIgnoresZeroPadding) {
  const InputFile file =
      File("members.gz", Gzip("abc") + Gzip("") + Gzip("def") + std::string(512, '\0'));
  auto source = ByteSource::Open(file);
  ASSERT_TRUE(source.ok());
  std::vector<char> buffer(100);
  const auto count = (*source)->ReadFully(buffer);
  ASSERT_TRUE(count.ok()) << count.status();
  EXPECT_EQ(std::string(buffer.data(), *count), "abcdef");
}

}  // namespace
}  // namespace caviar::data
