// A model file is read by people who did not write it: whatever its metadata says, the answer is a
// sentence or predictions that stay inside their memory. (Bytes that are no tensor file at all are
// the business of data_fuzz.cc.)
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <span>

#include "absl/strings/str_cat.h"
#include "common/data/dataset.h"
#include "common/data/preprocess.h"
#include "common/data/tensor_file.h"
#include "common/hyperparameters/hyperparameters.h"
#include "tests/fuzz/fuzz.h"
#include "worker/inference/model.h"

namespace caviar::inference {
namespace {

constexpr char kHyperparametersKey[] = "caviar.hyperparameters";
constexpr int kMutations = 4000;

// One number with an indicator and two categories; a small network on them.
std::string SoundModel() {
  v1::Preprocessing preprocessing;
  preprocessing.set_format(v1::ImportSettings::CSV);
  preprocessing.set_has_header(true);
  v1::Column& x = *preprocessing.add_columns();
  x.set_name("x");
  x.set_kind(v1::Column::NUMERIC);
  x.set_mean(1.5);
  x.set_deviation(2);
  x.set_has_missing_indicator(true);
  v1::Column& colour = *preprocessing.add_columns();
  colour.set_name("colour");
  colour.set_kind(v1::Column::CATEGORICAL);
  colour.add_categories("blue");
  colour.add_categories("red");
  preprocessing.set_target("y");
  preprocessing.set_target_index(2);
  preprocessing.set_features(4);
  preprocessing.add_classes("a");
  preprocessing.add_classes("b");
  v1::Hyperparameters hyperparameters = *HyperparametersFromPoint({});
  hyperparameters.set_hidden_layers(1);
  hyperparameters.set_hidden_units(3);
  const Architecture architecture = *Architecture::Create(hyperparameters, 4, 2);
  const std::vector<float> values(LayoutOf(architecture).values_end(), 0.5f);
  return EncodeModel(architecture, values, hyperparameters, preprocessing);
}

data::InputFile Rows(const std::string& name, const std::string& text) {
  const auto directory =
      std::filesystem::temp_directory_path() / absl::StrCat("caviar_model_fuzz.", getpid());
  std::filesystem::create_directories(directory);
  const std::string path = (directory / name).string();
  std::ofstream(path) << text;
  return {path, name};
}

void PredictAll(Model& model, const data::InputFile& rows) {
  const auto reader =
      data::RowReader::Open(model.preprocessing(), rows, {}, v1::ImportSettings::DETECT);
  if (!reader.ok()) return;
  std::vector<float> x(static_cast<size_t>(model.features()));
  data::RowLabel label;
  for (;;) {
    const auto found = (*reader)->Next(x, &label);
    if (!found.ok() || !*found) return;
    const auto probabilities = model.Predict(x);
    ASSERT_TRUE(probabilities.ok()) << probabilities.status();
    ASSERT_EQ(probabilities->size(), static_cast<size_t>(model.classes()));
    ASSERT_LT(label.label, model.classes());
  }
}

// Mutates the metadata under `key` and uses what still parses.
void Fuzz(const std::string& key) {
  const std::string bytes = SoundModel();
  const auto sound = data::TensorFile::Parse(bytes);
  ASSERT_TRUE(sound.ok()) << sound.status();
  const std::vector<data::NamedTensor> tensors(sound->tensors().begin(), sound->tensors().end());
  const data::InputFile by_name = Rows("by_name.csv", "x,colour,y\n1,red,a\n?,blue,b\n");
  const data::InputFile by_place = Rows("by_place.csv", "1,red,a\n2,blue,b\n");
  int parsed = 0;
  fuzz::RunMutations({sound->metadata().at(key)}, kMutations, [&](const std::string& text) {
    data::TensorMetadata metadata = sound->metadata();
    metadata[key] = text;
    const auto model = Model::Parse(data::EncodeTensorFile(tensors, metadata));
    if (!model.ok()) {
      EXPECT_FALSE(model.status().message().empty());
      return;
    }
    ++parsed;
    PredictAll(**model, by_name);
    PredictAll(**model, by_place);
  });
  // Mutations that nothing survives would test the JSON parser alone.
  EXPECT_GT(parsed, kMutations / 100);
}

TEST(ModelFuzzTest, NoPreprocessingCrashesPredictions) { Fuzz(data::kPreprocessingKey); }
TEST(ModelFuzzTest, NoHyperparametersCrashPredictions) { Fuzz(kHyperparametersKey); }

}  // namespace
}  // namespace caviar::inference
