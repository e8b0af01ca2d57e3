#include "common/data/preprocessing_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

namespace caviar::data {
namespace {

using ::testing::HasSubstr;

// x with an indicator, colour with two categories, the target at the end.
v1::Preprocessing Columns() {
  v1::Preprocessing preprocessing;
  preprocessing.set_format(v1::ImportSettings::CSV);
  v1::Column& x = *preprocessing.add_columns();
  x.set_name("x");
  x.set_kind(v1::Column::NUMERIC);
  x.set_deviation(2);
  x.set_has_missing_indicator(true);
  v1::Column& colour = *preprocessing.add_columns();
  colour.set_name("colour");
  colour.set_kind(v1::Column::CATEGORICAL);
  colour.add_categories("blue");
  colour.add_categories("red");
  preprocessing.add_columns()->set_kind(v1::Column::DROPPED);
  preprocessing.set_features(4);
  preprocessing.set_target_index(3);
  preprocessing.add_classes("a");
  preprocessing.add_classes("b");
  return preprocessing;
}

v1::Preprocessing Block() {
  v1::Preprocessing preprocessing;
  preprocessing.set_format(v1::ImportSettings::NPY);
  preprocessing.mutable_block()->set_width(3);
  preprocessing.mutable_block()->set_deviation(1);
  preprocessing.set_features(3);
  preprocessing.add_classes("0");
  return preprocessing;
}

std::string ErrorOf(v1::Preprocessing preprocessing,
                    const std::function<void(v1::Preprocessing&)>& change) {
  change(preprocessing);
  const auto read = PreprocessingFromJson(PreprocessingToJson(preprocessing));
  return read.ok() ? "none" : std::string(read.status().message());
}

TEST(PreprocessingJsonTest, GivesBackWhatWasWritten) {
  for (const v1::Preprocessing& preprocessing : {Columns(), Block()}) {
    const auto read = PreprocessingFromJson(PreprocessingToJson(preprocessing));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->SerializeAsString(), preprocessing.SerializeAsString());
  }
}

TEST(PreprocessingJsonTest, RefusesColumnsThatAreMoreOrFewerThanItsFeatures) {
  EXPECT_THAT(ErrorOf(Columns(),
                      [](auto& p) {
                        for (int i = 0; i < 200'000; ++i) *p.add_columns() = p.columns(0);
                      }),
              HasSubstr("its columns are 400004 features, not 4"));
  EXPECT_THAT(ErrorOf(Columns(), [](auto& p) { p.set_features(5); }), HasSubstr("not 5"));
  EXPECT_THAT(ErrorOf(Block(), [](auto& p) { p.mutable_block()->set_width(4); }),
              HasSubstr("its block is 4 features, not 3"));
  EXPECT_THAT(ErrorOf(Block(), [](auto& p) { p.clear_block(); }), HasSubstr("0 features"));
}

TEST(PreprocessingJsonTest, RefusesATargetBeyondTheColumns) {
  EXPECT_EQ(ErrorOf(Columns(), [](auto& p) { p.set_target_index(0); }), "none");
  EXPECT_THAT(ErrorOf(Columns(), [](auto& p) { p.set_target_index(50); }),
              HasSubstr("the target's place is 50 beside 3 columns"));
}

TEST(PreprocessingJsonTest, RefusesScalesThatNoNumberSurvives) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (const double bad : {0.0, -1.0, kNan, std::numeric_limits<double>::infinity()}) {
    EXPECT_THAT(ErrorOf(Columns(), [bad](auto& p) { p.mutable_columns(0)->set_deviation(bad); }),
                HasSubstr("column 'x' has the mean"));
    EXPECT_THAT(ErrorOf(Block(), [bad](auto& p) { p.mutable_block()->set_deviation(bad); }),
                HasSubstr("its block has the mean"));
  }
  EXPECT_THAT(ErrorOf(Columns(), [](auto& p) { p.mutable_columns(0)->set_mean(kNan); }),
              HasSubstr("the mean"));
  EXPECT_THAT(ErrorOf(Columns(), [](auto& p) { p.mutable_columns(0)->set_median(kNan); }),
              HasSubstr("the median"));
}

TEST(PreprocessingJsonTest, RefusesNoFeaturesTooManyAndNoClasses) {
  EXPECT_THAT(ErrorOf(Columns(), [](auto& p) { p.set_features(0); }), HasSubstr("0 features"));
  EXPECT_THAT(ErrorOf(Columns(), [](auto& p) { p.set_features(4'000'000'000u); }),
              HasSubstr("4000000000 features"));
  EXPECT_THAT(ErrorOf(Columns(), [](auto& p) { p.clear_classes(); }), HasSubstr("no classes"));
}

TEST(PreprocessingJsonTest, RefusesTextThatIsNone) {
  EXPECT_THAT(std::string(PreprocessingFromJson("{").status().message()),
              HasSubstr("cannot read the preprocessing"));
  EXPECT_FALSE(PreprocessingFromJson("{\"later\": 1}").ok());
}

}  // namespace
}  // namespace caviar::data
