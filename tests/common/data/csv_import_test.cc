#include <atomic>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/random/rng.h"
#include "tests/common/data/import_fixture.h"

namespace caviar::data {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class CsvImportTest : public ImportFixture {};

// One numeric and one text column, three rows of each class a round.
const std::vector<std::string> kRows = {"1,red,a",  "2,blue,b",  "3,red,a",
                                        "4,blue,b", "5,green,a", "6,red,b"};

TEST_F(CsvImportTest, StandardisesByTrainingRowsOnly) {
  const auto dataset = ImportCsv(Repeat("x,y\n", {"1,a", "2,b", "5,a", "9,b", "70,a"}, 200), "y");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  const auto opened = Opened();
  double sum = 0, squares = 0;
  for (const float x : opened->train().x) {
    sum += x;
    squares += static_cast<double>(x) * x;
  }
  EXPECT_NEAR(sum / opened->train().rows, 0, 1e-5);
  EXPECT_NEAR(squares / opened->train().rows, 1, 1e-5);
  // A function of training's mean, not of its own.
  const v1::Column& column = dataset->preprocessing().columns(0);
  for (const float x : opened->validation().x) {
    const double raw = x * column.deviation() + column.mean();
    EXPECT_NEAR(raw, std::round(raw), 1e-4);
  }
}

TEST_F(CsvImportTest, MakesOneFeatureACategory) {
  const auto dataset = ImportCsv(Repeat("n,colour,y\n", kRows, 60), "y");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->preprocessing().columns(1).kind(), v1::Column::CATEGORICAL);
  EXPECT_THAT(dataset->preprocessing().columns(1).categories(),
              ElementsAre("blue", "green", "red"));
  const auto opened = Opened();
  EXPECT_EQ(opened->features(), 4);
  for (int row = 0; row < opened->train().rows; ++row) {
    const auto one_hot = opened->train().x.subspan(static_cast<size_t>(row) * 4 + 1, 3);
    EXPECT_EQ(one_hot[0] + one_hot[1] + one_hot[2], 1);
  }
}

TEST_F(CsvImportTest, ReportsWhatItDecided) {
  const auto dataset = ImportCsv(Repeat("n,colour,y\n", kRows, 60), "y");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  const auto& decisions = dataset->decisions();
  EXPECT_THAT(decisions, Contains("format: CSV, comma-separated"));
  EXPECT_THAT(decisions, Contains("header: yes, the target 'y' is in the first row"));
  EXPECT_THAT(decisions, Contains("target: 'y' (column 2 from 0), 2 classes: a, b"));
  EXPECT_THAT(decisions, Contains("columns: 1 numeric, 1 categorical ('colour' with 3), 0 left "
                                  "out; 4 features"));
  EXPECT_THAT(decisions, Contains("rows: 60, split into 42 training, 9 validation and 9 test, "
                                  "stratified, seed 0"));
  EXPECT_THAT(dataset->warnings(), IsEmpty());
  EXPECT_EQ(dataset->train().rows(), 42u);
  EXPECT_THAT(dataset->train().class_rows(), ElementsAre(20, 22));
  EXPECT_EQ(dataset->digest().size(), 64u);
}

TEST_F(CsvImportTest, FillsMissingNumbersWithTheMedianAndAnIndicator) {
  const auto dataset = ImportCsv(
      Repeat("x,z,y\n", {"1,5,a", "?,6,b", "3,7,a", "NA,5,b", "10,6,a", ",7,b", "NaN,5,a"}, 210),
      "y");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  const v1::Column& column = dataset->preprocessing().columns(0);
  EXPECT_EQ(column.kind(), v1::Column::NUMERIC);
  EXPECT_TRUE(column.has_missing_indicator());
  EXPECT_EQ(column.median(), 3);
  EXPECT_EQ(dataset->preprocessing().features(), 3u);
  const auto opened = Opened();
  int missing = 0;
  for (int row = 0; row < opened->train().rows; ++row) {
    const auto x = opened->train().x.subspan(static_cast<size_t>(row) * 3, 3);
    if (x[1] == 0) continue;
    ++missing;
    EXPECT_EQ(x[1], 1);
    EXPECT_FLOAT_EQ(x[0], static_cast<float>((3 - column.mean()) / column.deviation()));
  }
  EXPECT_NEAR(missing, opened->train().rows * 4 / 7, 20);
}

TEST_F(CsvImportTest, MapsConstantColumnsToZeroOrLeavesThemOut) {
  const auto dataset =
      ImportCsv(Repeat("x,c,t,y\n", {"1,0.1,same,a", "2,0.1,same,b", "3,0.1,same,b"}, 60), "y");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->preprocessing().columns(1).deviation(), 1);
  EXPECT_EQ(dataset->preprocessing().columns(2).kind(), v1::Column::DROPPED);
  EXPECT_THAT(dataset->warnings(), Contains(HasSubstr("column 't' holds 'same' throughout")));
  const auto opened = Opened();
  for (int row = 0; row < opened->train().rows; ++row) {
    EXPECT_EQ(opened->train().x[static_cast<size_t>(row) * 2 + 1], 0);
  }
}

TEST_F(CsvImportTest, FindsTheHeaderByTheTargetsName) {
  // The header's other cells are numbers, as in UCI Letter.
  const auto dataset =
      ImportCsv(Repeat("Letter,1,2\n", {"T,2,8", "I,5,12", "D,4,11"}, 60), "Letter");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_TRUE(dataset->preprocessing().has_header());
  EXPECT_THAT(dataset->preprocessing().classes(), ElementsAre("D", "I", "T"));
}

TEST_F(CsvImportTest, DetectsAHeaderByTypesWhenTheTargetIsAnIndex) {
  const auto with = ImportCsv(Repeat("x,y\n", {"1,a", "2,b", "3,a", "4,b"}, 60), "1");
  ASSERT_TRUE(with.ok()) << with.status();
  EXPECT_TRUE(with->preprocessing().has_header());
  EXPECT_EQ(with->preprocessing().target(), "y");
  const auto without = ImportCsv(Repeat("", {"1,a", "2,b", "3,a", "4,b"}, 60), "1");
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_FALSE(without->preprocessing().has_header());
  EXPECT_EQ(without->preprocessing().target(), "1");
  EXPECT_EQ(without->train().rows() + without->validation().rows() + without->test().rows(), 60u);
}

TEST_F(CsvImportTest, FindsAHeaderThatCountsTheColumnsWhenTheTargetIsAnIndex) {
  const auto letter = ImportCsv(Repeat("Letter,1,2,3\n", {"T,2,8,3", "I,5,12,1"}, 60), "0");
  ASSERT_TRUE(letter.ok()) << letter.status();
  EXPECT_EQ(letter->preprocessing().target(), "Letter");
  const auto counted = ImportCsv(Repeat("0,1,2,3\n", {"5,2,8,a", "6,5,12,b"}, 60), "3");
  ASSERT_TRUE(counted.ok()) << counted.status();
  EXPECT_TRUE(counted->preprocessing().has_header());
}

// 1,2,3 in the first row, but its class is one of many rows.
TEST_F(CsvImportTest, KeepsAFirstRowOfDataThatHappensToCount) {
  const auto dataset = ImportCsv(Repeat("1,2,3,a\n", {"5,2,8,a", "6,5,12,b", "4,1,9,b"}, 60), "3");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_FALSE(dataset->preprocessing().has_header());
  EXPECT_EQ(dataset->train().rows() + dataset->validation().rows() + dataset->test().rows(), 61u);
}

// It begins as a LIBSVM line does.
TEST_F(CsvImportTest, TakesATableOfTimesForATableWhenItHasATarget) {
  const auto dataset =
      ImportCsv(Repeat("", {"5\t12:30\t1", "6\t13:00\t2", "7\t12:30\t1"}, 60), "2");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->preprocessing().format(), v1::ImportSettings::CSV);
  EXPECT_EQ(dataset->preprocessing().columns(1).kind(), v1::Column::CATEGORICAL);
}

TEST_F(CsvImportTest, TakesNamesThatAreNumbersWhenForced) {
  const std::string csv = Repeat("10,11\n", {"0.5,3", "1.5,4", "2.5,3"}, 60);
  const auto forced = ImportCsv(csv, "name:11");
  ASSERT_TRUE(forced.ok()) << forced.status();
  EXPECT_THAT(forced->preprocessing().classes(), ElementsAre("3", "4"));
  const auto yes = ImportCsv(csv, "11", [](auto& s) { s.set_header(v1::ImportSettings::YES); });
  ASSERT_TRUE(yes.ok()) << yes.status();
  EXPECT_THAT(yes->preprocessing().classes(), ElementsAre("3", "4"));
  // As an index it is beyond the two columns.
  EXPECT_THAT(std::string(ImportCsv(csv, "11").status().message()),
              HasSubstr("without a header columns are 0 to 1"));
}

TEST_F(CsvImportTest, TakesAFirstRowThatCountsTheColumnsAsHeader) {
  const auto dataset =
      ImportCsv(Repeat("Letter,1,2,3\n", {"T,2,8,1", "I,5,12,0", "D,4,11,3"}, 60), "0");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->preprocessing().target(), "Letter");
  const auto data = ImportCsv(Repeat("", {"1,2,4,a", "2,3,4,b", "1,2,3,a"}, 60), "3");
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_FALSE(data->preprocessing().has_header());
}

TEST_F(CsvImportTest, WarnsWhenTheFirstRowMayBeAHeader) {
  const auto dataset = ImportCsv(Repeat("Letter,1,2\n", {"T,2,8", "I,5,12", "D,4,11"}, 60), "0");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_THAT(dataset->warnings(), Contains(HasSubstr("its class 'Letter' occurs nowhere else")));
}

TEST_F(CsvImportTest, TakesHeaderYesAndNo) {
  const std::string csv = Repeat("", {"1,a", "2,b", "3,a", "4,b"}, 60);
  const auto yes = ImportCsv(csv, "a", [](auto& s) { s.set_header(v1::ImportSettings::YES); });
  ASSERT_TRUE(yes.ok()) << yes.status();
  EXPECT_EQ(yes->train().rows() + yes->validation().rows() + yes->test().rows(), 59u);
  const auto no = ImportCsv(csv, "a", [](auto& s) { s.set_header(v1::ImportSettings::NO); });
  EXPECT_THAT(std::string(no.status().message()),
              HasSubstr("without a header the target is an index from 0, not 'a'"));
}

TEST_F(CsvImportTest, DetectsTabsAndSemicolonsAndUnpacksGzip) {
  const std::vector<std::string> tabs = {"1\ta,b\tu", "2\tc,d\tv", "3\ta,b\tu"};
  const auto tsv = ImportCsv(Gzip(Repeat("x\tt\ty\n", tabs, 60)), "y");
  ASSERT_TRUE(tsv.ok()) << tsv.status();
  EXPECT_THAT(tsv->decisions(), Contains("format: CSV, tab-separated, gzip"));
  EXPECT_THAT(tsv->preprocessing().columns(1).categories(), ElementsAre("a,b", "c,d"));
  const auto semicolons = ImportCsv(Repeat("x;y\n", {"1;a", "2;b", "4;a"}, 60), "y");
  ASSERT_TRUE(semicolons.ok()) << semicolons.status();
  EXPECT_THAT(semicolons->decisions(), Contains("format: CSV, semicolon-separated"));
}

TEST_F(CsvImportTest, ObeysCategoricalAndDrop) {
  const auto dataset = ImportCsv(Repeat("code,n,y\n", {"1,5,a", "2,6,b", "3,7,a"}, 60), "y",
                                 [](v1::ImportSettings& settings) {
                                   settings.add_categorical("code");
                                   settings.add_drop("n");
                                 });
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_THAT(dataset->preprocessing().columns(0).categories(), ElementsAre("1", "2", "3"));
  EXPECT_EQ(dataset->preprocessing().columns(1).kind(), v1::Column::DROPPED);
  const auto by_index = ImportCsv(Repeat("", {"1,5,a", "2,6,b", "3,7,a"}, 60), "2",
                                  [](v1::ImportSettings& settings) { settings.add_drop("1"); });
  ASSERT_TRUE(by_index.ok()) << by_index.status();
  EXPECT_EQ(by_index->preprocessing().columns(1).kind(), v1::Column::DROPPED);
  const auto unknown = ImportCsv(Repeat("x,y\n", {"1,a", "2,b"}, 60), "y",
                                 [](v1::ImportSettings& settings) { settings.add_drop("z"); });
  EXPECT_THAT(std::string(unknown.status().message()),
              HasSubstr(": drop: no column is named 'z'; there are 'x', 'y'"))
      << "after the file's name";
  const auto target = ImportCsv(Repeat("x,y\n", {"1,a", "2,b"}, 60), "y",
                                [](v1::ImportSettings& settings) { settings.add_drop("y"); });
  EXPECT_THAT(std::string(target.status().message()), HasSubstr("is the target column"));
}

TEST_F(CsvImportTest, WarnsAboutRowIds) {
  std::string csv = "row,Id,n,y\n";
  Rng rng(1);
  for (int i = 0; i < 300; ++i) {
    absl::StrAppend(&csv, 1000 + i, ",", rng.UniformInt(1'000'000), ",", i % 7, ",",
                    i % 2 == 0 ? "a" : "b", "\n");
  }
  const auto dataset = ImportCsv(csv, "y");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_THAT(dataset->warnings(), Contains(HasSubstr("column 'row' counts the rows")));
  EXPECT_THAT(dataset->warnings(), Contains(HasSubstr("column 'Id' looks like a row id")));
  EXPECT_THAT(dataset->warnings(), Not(Contains(HasSubstr("'n'"))));
}

TEST_F(CsvImportTest, LeavesOutTextThatHardlyRepeats) {
  std::string csv = "name,n,y\n";
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&csv, "person ", i, ",", i % 7, ",", i % 2 == 0 ? "a" : "b", "\n");
  }
  const auto dataset = ImportCsv(csv, "y");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->preprocessing().columns(0).kind(), v1::Column::DROPPED);
  EXPECT_THAT(dataset->warnings(), Contains(HasSubstr("looks like names or row ids")));
  const auto kept = ImportCsv(csv, "y", [](auto& settings) { settings.add_categorical("name"); });
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->preprocessing().columns(0).categories_size(), 70);
}

TEST_F(CsvImportTest, LeavesOutRowsWithoutTarget) {
  const auto dataset = ImportCsv(Repeat("x,y\n", {"1,a", "2,?", "3,b", "4,"}, 80), "y");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->train().rows() + dataset->validation().rows() + dataset->test().rows(), 40u);
  EXPECT_THAT(dataset->warnings(),
              Contains("data.csv: 40 rows without a target were left out, the first in line 3"));
  EXPECT_EQ(Opened()->train().rows, 28);
}

TEST_F(CsvImportTest, OrdersClassesAsNumbersOrAsText) {
  const auto numbers = ImportCsv(Repeat("x,y\n", {"1,10", "2,9", "3,-1"}, 60), "y");
  ASSERT_TRUE(numbers.ok()) << numbers.status();
  EXPECT_THAT(numbers->preprocessing().classes(), ElementsAre("-1", "9", "10"));
  const auto texts = ImportCsv(Repeat("x,y\n", {"1,10", "2,9", "3,x"}, 60), "y");
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(texts->preprocessing().classes(), ElementsAre("10", "9", "x"));
}

TEST_F(CsvImportTest, GivesTheSameDigestForTheSameContents) {
  const std::string csv = Repeat("n,colour,y\n", kRows, 60);
  const auto plain = ImportCsv(csv, "y");
  const auto packed = ImportCsv(Gzip(csv), "y");
  ASSERT_TRUE(plain.ok() && packed.ok());
  EXPECT_EQ(plain->digest(), packed->digest());
  const auto seeded = ImportCsv(csv, "y", [](auto& settings) { settings.set_split_seed(1); });
  EXPECT_NE(plain->digest(), seeded->digest());
  // The file changed beyond what reaches the tensors.
  const auto spaced = ImportCsv(csv + "\n", "y");
  EXPECT_NE(plain->digest(), spaced->digest());
}

TEST_F(CsvImportTest, TakesTheTestPartFromATestFileByNames) {
  ImportFiles files;
  files.data = File("train.csv", Repeat("n,colour,y\n", kRows, 60));
  files.test_data =
      File("test.csv", Repeat("y,extra,colour,n\n", {"b,9,black,3", "a,9,red,5"}, 10));
  v1::ImportSettings settings;
  settings.set_target("y");
  const auto dataset = Import(files, settings);
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->train().rows(), 51u);
  EXPECT_EQ(dataset->validation().rows(), 9u);
  EXPECT_EQ(dataset->test().rows(), 10u);
  const auto opened = Opened();
  EXPECT_THAT(opened->test().labels.first(2), ElementsAre(1, 0));
  // Black was not seen in training: all zeros. Red is the last of blue, green, red.
  EXPECT_THAT(opened->test().x.subspan(1, 3), ElementsAre(0, 0, 0));
  EXPECT_THAT(opened->test().x.subspan(5, 3), ElementsAre(0, 0, 1));
}

TEST_F(CsvImportTest, DropsTheTrailingPeriodOfTestLabels) {
  ImportFiles files;
  files.data = File("train.data", Repeat("", {"1, red, <=50K", "2, blue, >50K"}, 60));
  files.test_data = File("test.data", Repeat("", {"1, red, <=50K.", "2, ?, >50K."}, 10));
  v1::ImportSettings settings;
  settings.set_target("2");
  const auto dataset = Import(files, settings);
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_THAT(dataset->preprocessing().classes(), ElementsAre("<=50K", ">50K"));
  EXPECT_THAT(dataset->decisions(),
              Contains("test labels: a trailing period was dropped (<=50K. is <=50K)"));
  EXPECT_THAT(Opened()->test().labels.first(2), ElementsAre(0, 1));
}

TEST_F(CsvImportTest, KeepsTrainingAloneFromKnowingTheTestFile) {
  ImportFiles files;
  files.data = File("train.csv", Repeat("n,colour,y\n", kRows, 60));
  v1::ImportSettings settings;
  settings.set_target("y");
  settings.set_train_fraction(0.85);
  settings.set_validation_fraction(0.15);
  settings.set_test_fraction(0);
  const auto alone = Import(files, settings);
  files.test_data = File("test.csv", "n,colour,y\n1e6,pink,a\n");
  const auto with_test = Import(files, settings);
  ASSERT_TRUE(alone.ok() && with_test.ok());
  EXPECT_EQ(alone->preprocessing().SerializeAsString(),
            with_test->preprocessing().SerializeAsString());
}

TEST_F(CsvImportTest, RefusesTestFilesThatDoNotFit) {
  ImportFiles files;
  files.data = File("train.csv", Repeat("n,colour,y\n", kRows, 60));
  v1::ImportSettings settings;
  settings.set_target("y");
  const auto error = [&](const std::string& test) {
    files.test_data = File("test.csv", test);
    return std::string(Import(files, settings).status().message());
  };
  EXPECT_THAT(error("n,y\n1,a\n"), HasSubstr("as a header it lacks 'colour'"));
  EXPECT_THAT(error("n,colour\n1,red\n"), HasSubstr("test.csv: the test file lacks the target"));
  EXPECT_THAT(error("n,colour,y\n1,red,c\n"),
              HasSubstr("test.csv, line 2, column 'y': the class 'c' does not occur in train.csv"));
  EXPECT_THAT(error("n,colour,y\n1,red,a\none,red,a\n"),
              HasSubstr("test.csv, line 3, column 'n': 'one' is not a finite number"));
  EXPECT_THAT(error("n,colour,y\n"), HasSubstr("no rows"));
  EXPECT_THAT(error("x,y,z\n1,2,3\n"), HasSubstr("as a header it lacks 'n', 'colour'"));
}

TEST_F(CsvImportTest, EndsWhenCancelled) {
  const std::atomic<bool> is_cancelled = true;
  ImportFiles files;
  files.data = File("data.csv", Repeat("n,colour,y\n", kRows, 60));
  files.data.is_cancelled = &is_cancelled;
  v1::ImportSettings settings;
  settings.set_target("y");
  EXPECT_EQ(Import(files, settings).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(CsvImportTest, CallsUnnamedAndRepeatedColumnsApart) {
  const auto dataset = ImportCsv(Repeat(",x,x,y\n", {"0,1,5,a", "7,2,6,b", "1,2,4,a"}, 60), "y");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->preprocessing().columns(0).name(), "0");
  EXPECT_EQ(dataset->preprocessing().columns(1).name(), "x");
  EXPECT_EQ(dataset->preprocessing().columns(2).name(), "x.2");
}

TEST_F(CsvImportTest, TakesFewerRowsThanFeaturesAndHugeMagnitudes) {
  const auto dataset =
      ImportCsv(Repeat("x,y\n", {"1e90,a", "-1e90,b", "0,a", "1e-300,b"}, 20), "y");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  const auto opened = Opened();
  for (const float x : opened->train().x) EXPECT_TRUE(std::isfinite(x));
}

TEST_F(CsvImportTest, ImportsTensOfThousandsOfColumns) {
  std::string csv = "y";
  for (int c = 0; c < 30'000; ++c) absl::StrAppend(&csv, ",", c);
  for (int r = 0; r < 8; ++r) {
    absl::StrAppend(&csv, "\n", r % 2 == 0 ? "a" : "b");
    for (int c = 0; c < 30'000; ++c) absl::StrAppend(&csv, ",", (r * c) % 10);
  }
  const auto dataset = ImportCsv(csv, "y");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(Opened()->features(), 30'000);
}

}  // namespace
}  // namespace caviar::data
