#include "common/data/tensor_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/file/durable_file.h"

namespace caviar::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string WithHeader(const std::string& json, const std::string& data) {
  const uint64_t length = json.size();
  std::string file(8, '\0');
  std::memcpy(file.data(), &length, 8);
  return file + json + data;
}

std::string TemporaryFile(const std::string& name) {
  return (std::filesystem::path(::testing::TempDir()) / name).string();
}

TEST(TensorFileTest, ReadsBackWhatWasWritten) {
  const std::vector<float> a = {1.5f, -2.0f, 3.0f, 0.0f, 5.0f, 6.0f};
  const std::vector<uint64_t> b = {~0ull};
  const std::vector<uint8_t> c = {1, 2, 3};
  const std::vector<NamedTensor> tensors = {TensorOf<uint8_t>("c", {3}, c),
                                            TensorOf<float>("a", {2, 3}, a),
                                            TensorOf<uint64_t>("b", {}, b)};
  const std::string bytes = EncodeTensorFile(tensors, {{"key", "va\"lue"}});
  const absl::StatusOr<TensorFile> file = TensorFile::Parse(bytes);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(*file->Values<float>("a"), ElementsAre(1.5f, -2.0f, 3.0f, 0.0f, 5.0f, 6.0f));
  EXPECT_THAT(*file->Values<uint64_t>("b"), ElementsAre(~0ull));
  EXPECT_THAT(*file->Values<uint8_t>("c"), ElementsAre(1, 2, 3));
  EXPECT_THAT(file->Find("a")->shape, ElementsAre(2, 3));
  EXPECT_EQ(file->metadata().at("key"), "va\"lue");
  EXPECT_EQ(file->Values<double>("a").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(file->Values<double>("z").status().code(), absl::StatusCode::kNotFound);
}

TEST(TensorFileTest, LaysOutWiderElementsFirstOnMultiplesOfEight) {
  const std::vector<uint8_t> narrow = {7};
  const std::vector<double> wide = {1.0};
  const std::vector<NamedTensor> tensors = {TensorOf<uint8_t>("a", {1}, narrow),
                                            TensorOf<double>("b", {1}, wide)};
  const std::string bytes = EncodeTensorFile(tensors, {});
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  EXPECT_EQ(length % 8, 0u);
  const std::string json = bytes.substr(8, length);
  EXPECT_THAT(json, HasSubstr(R"("a":{"data_offsets":[8,9],"dtype":"U8","shape":[1]})"));
  EXPECT_EQ(bytes.size(), 8 + length + 9);
}

TEST(TensorFileTest, GivesTheSameBytesForTensorsInAnyOrder) {
  const std::vector<float> a = {1}, b = {2};
  const std::vector<NamedTensor> ab = {TensorOf<float>("a", {1}, a), TensorOf<float>("b", {1}, b)};
  const std::vector<NamedTensor> ba = {ab[1], ab[0]};
  EXPECT_EQ(EncodeTensorFile(ab, {}), EncodeTensorFile(ba, {}));
}

TEST(TensorFileTest, RealignsTensorsOfForeignFiles) {
  // A header of 7 + 8 bytes modulo 8 puts the doubles off their alignment.
  std::string json = R"({"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})";
  while (json.size() % 8 != 3) json += ' ';
  const double value = 2.5;
  std::string data(8, '\0');
  std::memcpy(data.data(), &value, 8);
  const std::string bytes = WithHeader(json, data);
  const absl::StatusOr<TensorFile> file = TensorFile::Parse(bytes);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(*file->Values<double>("x"), ElementsAre(2.5));
}

TEST(TensorFileTest, AcceptsTensorsWithoutElements) {
  const std::vector<float> none, one = {1};
  const std::vector<NamedTensor> tensors = {TensorOf<float>("b", {0, 5}, none),
                                            TensorOf<float>("a", {1}, one),
                                            TensorOf<float>("c", {1}, one)};
  const std::string bytes = EncodeTensorFile(tensors, {});
  const absl::StatusOr<TensorFile> file = TensorFile::Parse(bytes);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->Values<float>("b")->size(), 0u);
  EXPECT_THAT(*file->Values<float>("c"), ElementsAre(1));
}

struct BadFile {
  const char* name;
  std::string bytes;
  const char* message;
};

TEST(TensorFileTest, RefusesBrokenFilesWithTheReason) {
  const auto tensor = [](const char* shape, const char* offsets) {
    return absl::StrCat(R"({"x":{"dtype":"F32","shape":)", shape, R"(,"data_offsets":)", offsets,
                        "}}");
  };
  const std::string four(4, '\0');
  const BadFile bad_files[] = {
      {"empty", "", "only 0 bytes"},
      {"short", "abc", "only 3 bytes"},
      {"huge header", std::string(8, '\xff'), "its header would take"},
      {"no json", WithHeader("{", ""), "not a JSON object"},
      {"not an object", WithHeader("[1]", ""), "not a JSON object"},
      {"bad utf-8", WithHeader("{\"\xff\":1}", ""), "not a JSON object"},
      {"twice",
       WithHeader(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                  R"("x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                  four),
       "twice"},
      {"dtype", WithHeader(R"({"x":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})", four),
       "unknown dtype"},
      {"no shape", WithHeader(R"({"x":{"dtype":"F32","data_offsets":[0,4]}})", four), "must have"},
      {"negative", WithHeader(tensor("[-1]", "[0,4]"), four), "whole number >= 0"},
      {"fraction", WithHeader(tensor("[1.5]", "[0,4]"), four), "whole number >= 0"},
      {"overflow", WithHeader(tensor("[4294967296,4294967296]", "[0,4]"), four), "too large"},
      {"wraps to four bytes", WithHeader(tensor("[9223372036854775807,2]", "[0,4]"), four),
       "too large"},
      {"wrong size", WithHeader(tensor("[2]", "[0,4]"), four), "takes 8 bytes by its shape"},
      {"reversed", WithHeader(tensor("[1]", "[4,0]"), four), "offsets are 4 to 0"},
      {"three offsets", WithHeader(tensor("[1]", "[0,4,8]"), four), "two data_offsets"},
      {"outside", WithHeader(tensor("[2]", "[0,8]"), four), "truncated?"},
      {"gap", WithHeader(tensor("[1]", "[4,8]"), four + four), "after a gap"},
      {"trailing", WithHeader(tensor("[1]", "[0,4]"), four + "x"), "but 5 follow"},
      {"overlap",
       WithHeader(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                  R"("y":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                  four),
       "inside the one before it"},
      {"metadata", WithHeader(R"({"__metadata__":{"a":1}})", ""), "'a' is not text"},
      {"metadata array", WithHeader(R"({"__metadata__":[]})", ""), "not an object"},
      {"deep", WithHeader(std::string(100000, '['), ""), "not a JSON object"},
  };
  for (const BadFile& bad : bad_files) {
    const absl::StatusOr<TensorFile> file = TensorFile::Parse(bad.bytes);
    ASSERT_FALSE(file.ok()) << bad.name;
    EXPECT_EQ(file.status().code(), absl::StatusCode::kInvalidArgument) << bad.name;
    EXPECT_THAT(std::string(file.status().message()), HasSubstr(bad.message)) << bad.name;
  }
}

TEST(TensorFileTest, OpenNamesThePath) {
  const std::string path = TemporaryFile("bad.tensors");
  ASSERT_TRUE(WriteFileDurably(path, "abc").ok());
  EXPECT_THAT(std::string(TensorFile::Open(path).status().message()), HasSubstr(path));
  EXPECT_EQ(TensorFile::Open(path + ".none").status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(TensorFile::Open(::testing::TempDir()).ok());
}

TEST(TensorFileBuilderTest, WritesWhatEncodeTensorFileWould) {
  const std::string path = TemporaryFile("built.tensors");
  const std::vector<float> x = {1, 2, 3, 4};
  const std::vector<uint8_t> y = {9};
  const std::vector<TensorSpec> specs = {{"y", DType::kU8, {1}}, {"x", DType::kF32, {2, 2}}};
  absl::StatusOr<TensorFileBuilder> builder = TensorFileBuilder::Create(path, specs, {{"k", "v"}});
  ASSERT_TRUE(builder.ok()) << builder.status();
  std::copy(x.begin(), x.end(), builder->Values<float>("x").begin());
  std::copy(y.begin(), y.end(), builder->Values<uint8_t>("y").begin());
  ASSERT_TRUE(builder->Finish().ok());
  const std::vector<NamedTensor> tensors = {TensorOf<float>("x", {2, 2}, x),
                                            TensorOf<uint8_t>("y", {1}, y)};
  EXPECT_EQ(*ReadFile(path), EncodeTensorFile(tensors, {{"k", "v"}}));
}

TEST(TensorFileBuilderTest, LeavesNothingBehindWhenAbandoned) {
  const std::string directory = TemporaryFile("abandoned");
  std::filesystem::remove_all(directory);
  ASSERT_TRUE(CreateDirectories(directory).ok());
  {
    const std::vector<TensorSpec> specs = {{"x", DType::kF32, {2}}};
    ASSERT_TRUE(TensorFileBuilder::Create(directory + "/a", specs, {}).ok());
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory));
}

}  // namespace
}  // namespace caviar::data
