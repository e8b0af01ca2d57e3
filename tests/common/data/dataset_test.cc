#include "common/data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/data/preprocessing_json.h"
#include "common/file/durable_file.h"

namespace caviar::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::Preprocessing TwoFeaturesTwoClasses() {
  v1::Preprocessing preprocessing;
  preprocessing.set_features(2);
  preprocessing.add_classes("no");
  preprocessing.add_classes("yes");
  return preprocessing;
}

std::string WriteDataset(const std::string& name, int64_t train_columns, int32_t label) {
  const std::string path = (std::filesystem::path(::testing::TempDir()) / name).string();
  const std::vector<float> x = {1, 2, 3, 4};
  const std::vector<float> none;
  const std::vector<int32_t> labels(static_cast<size_t>(4 / train_columns), label);
  const std::vector<int32_t> no_labels;
  const std::vector<NamedTensor> tensors = {
      TensorOf<float>("train_x", {4 / train_columns, train_columns}, x),
      TensorOf<int32_t>("train_labels", {4 / train_columns}, labels),
      TensorOf<float>("validation_x", {0, 2}, none),
      TensorOf<int32_t>("validation_labels", {0}, no_labels),
      TensorOf<float>("test_x", {0, 2}, none),
      TensorOf<int32_t>("test_labels", {0}, no_labels)};
  const TensorMetadata metadata = {
      {kPreprocessingKey, PreprocessingToJson(TwoFeaturesTwoClasses())}};
  EXPECT_TRUE(WriteFileDurably(path, EncodeTensorFile(tensors, metadata)).ok());
  return path;
}

TEST(DatasetTest, OpensWhatWasWritten) {
  const auto dataset = Dataset::Open(WriteDataset("good.dataset", 2, 1));
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ((*dataset)->train().rows, 2);
  EXPECT_THAT((*dataset)->train().x, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT((*dataset)->train().labels, ElementsAre(1, 1));
  EXPECT_EQ((*dataset)->test().rows, 0);
  EXPECT_EQ((*dataset)->features(), 2);
  EXPECT_EQ((*dataset)->classes(), 2);
}

TEST(DatasetTest, RefusesShapesAndLabelsThatDoNotFit) {
  EXPECT_THAT(std::string(Dataset::Open(WriteDataset("wide.dataset", 4, 1)).status().message()),
              HasSubstr("shapes of part train"));
  EXPECT_THAT(std::string(Dataset::Open(WriteDataset("label.dataset", 2, 2)).status().message()),
              HasSubstr("label 2 beyond the 2 classes"));
}

TEST(DatasetTest, RefusesAnotherTensorFile) {
  const std::string path = (std::filesystem::path(::testing::TempDir()) / "other").string();
  ASSERT_TRUE(WriteFileDurably(path, EncodeTensorFile({}, {})).ok());
  EXPECT_THAT(std::string(Dataset::Open(path).status().message()),
              HasSubstr("not a Caviar data set"));
}

TEST(DatasetTest, HoldsPartsFromMemory) {
  const auto dataset =
      Dataset::FromMemory({{1, 2, 3, 4}, {0, 1}}, {{5, 6}, {1}}, {{}, {}}, TwoFeaturesTwoClasses());
  EXPECT_THAT(dataset->validation().x, ElementsAre(5, 6));
  EXPECT_EQ(dataset->train().rows, 2);
  EXPECT_EQ(dataset->test().rows, 0);
}

}  // namespace
}  // namespace caviar::data
