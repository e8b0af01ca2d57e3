#include "coordinator/datasets/dataset_name.h"

#include <gtest/gtest.h>

namespace caviar::datasets {
namespace {

TEST(DatasetNameTest, TakesTheUsersNameAsItIsOrRefusesIt) {
  EXPECT_EQ(*DatasetName("letters-1.2_a", "x.csv"), "letters-1.2_a");
  for (const char* bad : {"a b", "../x", "..", ".", "a/b", "ä"}) {
    EXPECT_EQ(DatasetName(bad, "x.csv").status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  EXPECT_FALSE(DatasetName(std::string(129, 'a'), "x.csv").ok());
}

TEST(DatasetNameTest, IsElseTheFilesNameWithoutItsEndings) {
  EXPECT_EQ(*DatasetName("", "letter-recognition.csv.gz"), "letter-recognition");
  EXPECT_EQ(*DatasetName("", "Train Data.CSV"), "Train-Data");
  EXPECT_EQ(*DatasetName("", "train-images-idx3-ubyte.gz"), "train-images-idx3-ubyte");
  EXPECT_EQ(*DatasetName("", "agaricus.txt.train"), "agaricus.txt.train");
  EXPECT_EQ(*DatasetName("", ".gz"), ".gz");
  EXPECT_FALSE(DatasetName("", "").ok());
  EXPECT_FALSE(DatasetName("", "..").ok());
}

TEST(DisplayNameTest, KeepsTheLastComponentPrintable) {
  EXPECT_EQ(DisplayName("/folder/a.csv", "data"), "a.csv");
  EXPECT_EQ(DisplayName("C:\\me\\a.csv", "data"), "a.csv");
  EXPECT_EQ(DisplayName("a\nb\x7F.csv", "data"), "a_b_.csv");
  EXPECT_EQ(DisplayName("\xFF.csv", "data"), "_.csv");
  EXPECT_EQ(DisplayName("größe.csv", "data"), "größe.csv");
  EXPECT_EQ(DisplayName("folder/", "data"), "data");
  EXPECT_EQ(DisplayName(std::string(127, 'a') + "ä", "data"), std::string(127, 'a'));
}

}  // namespace
}  // namespace caviar::datasets
