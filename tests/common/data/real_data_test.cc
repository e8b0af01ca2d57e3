// Public data sets as they are. Those that do not ship with the repository are skipped where they
// are not at hand.

#include "tests/common/data/import_fixture.h"

namespace caviar::data {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RealDataTest : public ImportFixture {
 protected:
  static InputFile Shared(const std::string& path) {
    return {std::string(CAVIAR_SOURCE_DIR "/../shared/datasets/") + path,
            std::filesystem::path(path).filename().string()};
  }
};

#define SKIP_WITHOUT(file)                                                        \
  if (!std::filesystem::exists((file).path)) {                                    \
    GTEST_SKIP() << "SKIPPED: the data set " << (file).path << " is not at hand"; \
  }

TEST_F(RealDataTest, ImportsTheLetterDataThatShips) {
  ImportFiles files;
  files.data = {CAVIAR_SOURCE_DIR "/tests/data/letter-recognition.csv.gz", "letters"};
  v1::ImportSettings settings;
  settings.set_target("Letter");
  const auto dataset = Import(files, settings);
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->preprocessing().features(), 16u);
  EXPECT_EQ(dataset->preprocessing().classes_size(), 26);
  EXPECT_TRUE(dataset->preprocessing().has_header());
  EXPECT_EQ(dataset->train().rows(), 14'000u);
  EXPECT_EQ(dataset->validation().rows(), 3'000u);
  EXPECT_EQ(dataset->test().rows(), 3'000u);
  EXPECT_THAT(dataset->warnings(), IsEmpty());
}

TEST_F(RealDataTest, ImportsMnistWithItsTestPair) {
  ImportFiles files;
  files.data = Shared("mnist/train-images-idx3-ubyte.gz");
  files.labels = Shared("mnist/train-labels-idx1-ubyte.gz");
  files.test_data = Shared("mnist/t10k-images-idx3-ubyte.gz");
  files.test_labels = Shared("mnist/t10k-labels-idx1-ubyte.gz");
  SKIP_WITHOUT(files.data);
  const auto dataset = Import(files, {});
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->preprocessing().features(), 784u);
  EXPECT_EQ(dataset->preprocessing().classes_size(), 10);
  EXPECT_EQ(dataset->train().rows(), 51'000u);
  EXPECT_EQ(dataset->validation().rows(), 9'000u);
  EXPECT_EQ(dataset->test().rows(), 10'000u);
  // The well-known scale of MNIST's pixels.
  EXPECT_NEAR(dataset->preprocessing().block().mean() / 255, 0.1307, 0.001);
  EXPECT_NEAR(dataset->preprocessing().block().deviation() / 255, 0.3081, 0.001);
}

TEST_F(RealDataTest, ImportsAdultFromItsTwoFiles) {
  ImportFiles files;
  files.data = Shared("uci/adult-train.csv.gz");
  files.test_data = Shared("uci/adult-test.csv.gz");
  SKIP_WITHOUT(files.data);
  v1::ImportSettings settings;
  settings.set_target("14");
  const auto dataset = Import(files, settings);
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_THAT(dataset->preprocessing().classes(), ElementsAre("<=50K", ">50K"));
  EXPECT_FALSE(dataset->preprocessing().has_header());
  EXPECT_EQ(dataset->test().rows(), 16'281u);
  EXPECT_EQ(dataset->train().rows() + dataset->validation().rows(), 32'561u);
  EXPECT_THAT(dataset->decisions(), Contains(HasSubstr("a trailing period was dropped")));
  EXPECT_THAT(dataset->decisions(), Contains(HasSubstr("6 numeric, 8 categorical")));
  EXPECT_THAT(dataset->warnings(), IsEmpty());
}

TEST_F(RealDataTest, ImportsAgaricus) {
  ImportFiles files;
  files.data = Shared("libsvm/agaricus.txt.train.gz");
  files.test_data = Shared("libsvm/agaricus.txt.test.gz");
  SKIP_WITHOUT(files.data);
  const auto dataset = Import(files, {});
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->preprocessing().features(), 126u);
  EXPECT_THAT(dataset->preprocessing().classes(), ElementsAre("0", "1"));
  EXPECT_EQ(dataset->train().rows() + dataset->validation().rows(), 6'513u);
  EXPECT_EQ(dataset->test().rows(), 1'611u);
}

TEST_F(RealDataTest, WarnsAboutTheIdOfBreastCancer) {
  ImportFiles files;
  files.data = Shared("uci/BreastCancer.csv.gz");
  SKIP_WITHOUT(files.data);
  v1::ImportSettings settings;
  settings.set_target("Class");
  const auto dataset = Import(files, settings);
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_THAT(dataset->warnings(), ElementsAre(HasSubstr("column 'Id' looks like a row id")));
  EXPECT_THAT(dataset->decisions(), Contains(HasSubstr("in 1 of 10 numeric columns")));
}

TEST_F(RealDataTest, ImportsDnaAndSatellite) {
  ImportFiles files;
  files.data = Shared("uci/DNA.csv.gz");
  SKIP_WITHOUT(files.data);
  v1::ImportSettings settings;
  settings.set_target("Class");
  const auto dna = Import(files, settings);
  ASSERT_TRUE(dna.ok()) << dna.status();
  EXPECT_EQ(dna->preprocessing().features(), 180u);
  files.data = Shared("uci/Satellite.csv.gz");
  settings.set_target("classes");
  const auto satellite = Import(files, settings);
  ASSERT_TRUE(satellite.ok()) << satellite.status();
  EXPECT_EQ(satellite->preprocessing().features(), 36u);
  EXPECT_EQ(satellite->preprocessing().classes_size(), 6);
}

}  // namespace
}  // namespace caviar::data
