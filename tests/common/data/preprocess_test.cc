#include "common/data/preprocess.h"

#include "tests/common/data/import_fixture.h"
#include "tests/common/data/read_features.h"

namespace caviar::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PreprocessTest : public ImportFixture {
 protected:
  // x is numeric and sometimes missing, colour has two categories, id is dropped.
  v1::Preprocessing Fitted(const std::string& header, const std::string& target) {
    const auto dataset = ImportCsv(
        Repeat(header, {"7,1,red,a", "8,3,blue,b", "9,?,red,a", "5,5,blue,b"}, 80), target,
        [&](v1::ImportSettings& settings) { settings.add_drop(header.empty() ? "0" : "id"); });
    EXPECT_TRUE(dataset.ok()) << dataset.status();
    return dataset.ok() ? dataset->preprocessing() : v1::Preprocessing();
  }
  absl::StatusOr<FeatureTable> Read(const v1::Preprocessing& preprocessing,
                                    const std::string& csv) {
    return ReadFeatures(preprocessing, File("new.csv", csv), {}, v1::ImportSettings::DETECT);
  }
  std::string ErrorOf(const v1::Preprocessing& preprocessing, const std::string& csv) {
    return std::string(Read(preprocessing, csv).status().message());
  }
};

TEST_F(PreprocessTest, FindsColumnsByNameInAnyOrder) {
  const v1::Preprocessing fitted = Fitted("id,x,colour,y\n", "y");
  const v1::Column& x = fitted.columns(1);
  const auto scaled = [&x](double value) {
    return static_cast<float>((value - x.mean()) / x.deviation());
  };
  const auto table = Read(fitted, "colour,other,x\nred,1,3\npink,2,\n");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->rows, 2);
  EXPECT_EQ(table->features, 4);
  EXPECT_FALSE(table->has_labels);
  EXPECT_THAT(table->x, ElementsAre(scaled(3), 0, 0, 1, scaled(x.median()), 1, 0, 0));
}

// Of one column a missing value is a blank line.
TEST_F(PreprocessTest, PredictsARowForEveryBlankLineOfAFileOfOneColumn) {
  const auto dataset = ImportCsv(Repeat("x,y\n", {"1,a", "2,b", "4,a"}, 60), "y");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  const v1::Column& x = dataset->preprocessing().columns(0);
  const auto scaled = [&x](double value) {
    return static_cast<float>((value - x.mean()) / x.deviation());
  };
  for (const char* csv : {"x\n0.1\n\n1.7\n", "\nx\r\n0.1\r\n\r\n1.7\r\n\r\n", "0.1\n\n1.7"}) {
    const auto table = Read(dataset->preprocessing(), csv);
    ASSERT_TRUE(table.ok()) << table.status();
    EXPECT_THAT(table->x, ElementsAre(scaled(0.1), scaled(x.median()), scaled(1.7))) << csv;
  }
}

TEST_F(PreprocessTest, ReadsLabelsWhereTheTargetIsThere) {
  const v1::Preprocessing fitted = Fitted("id,x,colour,y\n", "y");
  const auto table = Read(fitted, "y,x,colour\nb,1,red\n?,1,red\nz,1,red\na.,1,red\n");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_TRUE(table->has_labels);
  EXPECT_THAT(table->labels, ElementsAre(1, -1, -1, 0));
}

TEST_F(PreprocessTest, SaysWhichLabelIsNotUtf8) {
  EXPECT_THAT(ErrorOf(Fitted("id,x,colour,y\n", "y"), "y,x,colour\na,1,red\nb\xff,1,red\n"),
              HasSubstr("new.csv, line 3, column 'y': 'b\\xff' is not UTF-8"));
}

TEST_F(PreprocessTest, TakesHeaderlessRowsByPositionWithOrWithoutTarget) {
  for (const char* header : {"", "id,x,colour,y\n"}) {
    const v1::Preprocessing fitted = Fitted(header, *header == '\0' ? "3" : "y");
    const auto with = Read(fitted, "1,3,red,b\n");
    ASSERT_TRUE(with.ok()) << with.status();
    EXPECT_THAT(with->labels, ElementsAre(1));
    const auto without = Read(fitted, "1,3,red\n");
    ASSERT_TRUE(without.ok()) << without.status();
    EXPECT_EQ(with->x, without->x);
    EXPECT_FALSE(without->has_labels);
  }
}

TEST_F(PreprocessTest, SaysWhatDoesNotFit) {
  const v1::Preprocessing fitted = Fitted("id,x,colour,y\n", "y");
  EXPECT_THAT(ErrorOf(fitted, "x,y\n1,a\n"), HasSubstr("as a header it lacks 'colour'"));
  EXPECT_THAT(ErrorOf(fitted, "x,colour\n1,red\none,red\n"),
              HasSubstr("new.csv, line 3, column 'x': 'one' is not a finite number"));
  EXPECT_THAT(ErrorOf(fitted, "x,colour\n1,red\n1\n"), HasSubstr("line 3"));
  EXPECT_THAT(ErrorOf(fitted, "x,colour\n"), HasSubstr("no data rows"));
  EXPECT_THAT(ErrorOf(fitted, ""), HasSubstr("no rows"));
}

TEST_F(PreprocessTest, EncodesTrainingRowsAsTheImportDid) {
  const std::string csv =
      Repeat("id,x,colour,y\n", {"7,1,red,a", "8,3,blue,b", "9,?,red,a", "5,5,blue,b"}, 80);
  const v1::Preprocessing fitted = Fitted("id,x,colour,y\n", "y");
  const auto table = Read(fitted, csv);
  ASSERT_TRUE(table.ok()) << table.status();
  // Rows of four kinds: each training row is one of the first four.
  const auto opened = Opened();
  for (int row = 0; row < opened->train().rows; ++row) {
    const auto x = opened->train().x.subspan(static_cast<size_t>(row) * 4, 4);
    bool is_found = false;
    for (size_t kind = 0; kind < 4; ++kind) {
      is_found |= std::equal(x.begin(), x.end(), table->x.begin() + static_cast<int>(kind) * 4) &&
                  table->labels[kind] == opened->train().labels[static_cast<size_t>(row)];
    }
    EXPECT_TRUE(is_found) << row;
  }
}

TEST_F(PreprocessTest, ReadsLibsvmWithTrainingsWidth) {
  std::string text;
  for (int i = 0; i < 10; ++i) text += "1 1:2 3:4\n2 2:1\n";
  ImportFiles files;
  files.data = File("data.libsvm", text);
  const auto dataset = Import(files, {});
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  const auto table = ReadFeatures(dataset->preprocessing(), File("new", "2 1:2 9:1\n7 2:1\n"), {},
                                  v1::ImportSettings::DETECT);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->features, 3);
  EXPECT_THAT(table->labels, ElementsAre(1, -1));
}

}  // namespace
}  // namespace caviar::data
