#include "worker/inference/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "common/data/dataset.h"
#include "common/data/tensor_file.h"
#include "tests/worker/train/trial_fixture.h"

namespace caviar::inference {
namespace {

using ::testing::HasSubstr;
using train::BlobDataset;
using train::Config;
using train::Flag;
using train::MakeTrainer;
using train::MustTrain;
using train::Number;
using train::Point;
using train::Word;

const std::vector<Point> kPoints = {
    {},
    {{"hidden_layers", Number(0)}},
    {{"batch_norm", Flag(false)}, {"activation", Word("tanh")}},
    {{"batch_norm_output", Flag(true)}, {"activation", Word("leaky_relu")}},
    {{"hidden_layers", Number(3)},
     {"hidden_units_2", Number(19)},
     {"hidden_units_1", Number(5)},
     {"dropout", Number(0.2)},
     {"batch_norm_inference", Word("training_set")}},
};

// Trained, exported, loaded: the model's accuracy and loss on the test part are what TestBest()
// said.
TEST(ModelTest, PredictsExactlyWhatTheTrainerTested) {
  const auto dataset = BlobDataset();
  for (const Point& point : kPoints) {
    const auto trainer = MakeTrainer(Config(point), dataset);
    MustTrain(*trainer);
    MustTrain(*trainer);
    const auto model = Model::Parse(*trainer->ExportModel());
    ASSERT_TRUE(model.ok()) << model.status();
    const auto& test = dataset->test();
    const auto probabilities = (*model)->Predict(test.x);
    ASSERT_TRUE(probabilities.ok());
    const int classes = (*model)->classes();
    double loss = 0;
    int correct = 0;
    for (int r = 0; r < test.rows; ++r) {
      const float* row = probabilities->data() + static_cast<size_t>(r) * classes;
      double sum = 0;
      for (int c = 0; c < classes; ++c) sum += row[c];
      EXPECT_NEAR(sum, 1.0, 1e-5);
      loss -= std::log(static_cast<double>(row[test.labels[r]]));
      correct += std::max_element(row, row + classes) - row == test.labels[r];
    }
    const auto expected = **trainer->TestBest();
    EXPECT_NEAR(loss / test.rows, expected.test_loss, 1e-5);
    EXPECT_DOUBLE_EQ(static_cast<double>(correct) / test.rows, expected.test_accuracy);
  }
}

TEST(ModelTest, CarriesHyperparametersClassNamesAndPreprocessing) {
  const auto trainer = MakeTrainer(Config(kPoints.back()), BlobDataset());
  MustTrain(*trainer);
  const auto model = Model::Parse(*trainer->ExportModel());
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ((*model)->class_names(), (std::vector<std::string>{"class 0", "class 1", "class 2"}));
  EXPECT_EQ((*model)->features(), 11);
  EXPECT_EQ((*model)->hyperparameters().hidden_units_of_layer().at(2), 19);
  EXPECT_EQ((*model)->preprocessing().classes_size(), 3);
}

TEST(ModelTest, PredictsRowByRowWhatItPredictsAtOnce) {
  const auto dataset = BlobDataset();
  const auto trainer = MakeTrainer(Config({}), dataset);
  MustTrain(*trainer);
  const auto model = Model::Parse(*trainer->ExportModel());
  std::vector<float> x;
  for (int copies = 0; copies < 8; ++copies) {
    x.insert(x.end(), dataset->test().x.begin(), dataset->test().x.end());
  }
  const auto at_once = (*model)->Predict(x);  // several internal passes
  for (const size_t row : {0, 79, 80, 400}) {
    const auto alone = (*model)->Predict(std::span<const float>(x).subspan(row * 11, 11));
    for (size_t c = 0; c < 3; ++c) EXPECT_NEAR((*alone)[c], (*at_once)[row * 3 + c], 1e-6);
  }
  EXPECT_TRUE((*model)->Predict({})->empty());
}

TEST(ModelTest, RefusesHalfARow) {
  const auto trainer = MakeTrainer(Config({}), BlobDataset());
  MustTrain(*trainer);
  const auto model = Model::Parse(*trainer->ExportModel());
  EXPECT_EQ((*model)->Predict(std::vector<float>(12)).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ModelTest, EveryTruncationIsAnErrorNotACrash) {
  const auto trainer = MakeTrainer(Config({{"hidden_units", Number(3)}}), BlobDataset());
  MustTrain(*trainer);
  const std::string bytes = *trainer->ExportModel();
  for (size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_EQ(Model::Parse(absl::string_view(bytes).substr(0, size)).status().code(),
              absl::StatusCode::kInvalidArgument)
        << size;
  }
}

// The bytes of a sound model with one value of its metadata replaced.
std::string WithMetadata(const std::string& bytes, const std::string& key, const std::string& from,
                         const std::string& to) {
  const auto file = data::TensorFile::Parse(bytes);
  const std::vector<data::NamedTensor> tensors(file->tensors().begin(), file->tensors().end());
  data::TensorMetadata metadata = file->metadata();
  const size_t at = metadata[key].find(from);
  EXPECT_NE(at, std::string::npos) << metadata[key];
  metadata[key].replace(at, from.size(), to);
  return data::EncodeTensorFile(tensors, metadata);
}

TEST(ModelTest, RefusesNetworksBeyondEveryRangeBeforeItTakesMemory) {
  const auto trainer = MakeTrainer(Config({}), BlobDataset());
  MustTrain(*trainer);
  const std::string bytes = *trainer->ExportModel();
  const auto error_of = [&](const std::string& from, const std::string& to) {
    return std::string(
        Model::Parse(WithMetadata(bytes, "caviar.hyperparameters", from, to)).status().message());
  };
  EXPECT_THAT(error_of("\"hidden_layers\":2", "\"hidden_layers\":2000000000"),
              HasSubstr("hidden_layers: must be a whole number in [0, 64]"));
  EXPECT_THAT(error_of("\"hidden_units\":128", "\"hidden_units\":2000000000"),
              HasSubstr("hidden_units of layer 1: must be"));
  EXPECT_THAT(error_of("\"batch_norm_epsilon\":1e-08", "\"batch_norm_epsilon\":\"NaN\""),
              HasSubstr("batch_norm_epsilon: must be"));
}

TEST(ModelTest, RefusesAPreprocessingThatContradictsItself) {
  const auto trainer = MakeTrainer(Config({}), BlobDataset());
  MustTrain(*trainer);
  // A block of no values for eleven features.
  const std::string bytes =
      WithMetadata(*trainer->ExportModel(), data::kPreprocessingKey, "{", "{\"format\":\"NPY\",");
  EXPECT_THAT(std::string(Model::Parse(bytes).status().message()),
              HasSubstr("the preprocessing contradicts itself"));
}

TEST(ModelTest, ACheckpointIsNotAModel) {
  const auto trainer = MakeTrainer(Config({}), BlobDataset());
  const auto model = Model::Parse(trainer->SaveCheckpoint());
  EXPECT_EQ(model.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(model.status().message()), HasSubstr("not a model"));
}

TEST(ModelTest, OpenNamesThePathOfAFileThatIsNoModel) {
  const std::string path = ::testing::TempDir() + "/not_a_model";
  std::ofstream(path) << "hello";
  EXPECT_THAT(std::string(Model::Open(path).status().message()), HasSubstr(path));
  EXPECT_EQ(Model::Open(path + ".missing").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace caviar::inference
