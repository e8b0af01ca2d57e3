// The parsers of user data and of tensor files must answer any bytes with a result or a sentence.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/data/dataset.h"
#include "common/data/import.h"
#include "common/data/tensor_file.h"
#include "tests/common/data/read_features.h"
#include "tests/fuzz/fuzz.h"

namespace caviar::data {
namespace {

std::string ScratchPath(const std::string& name) {
  static const std::string directory = [] {
    const auto path =
        std::filesystem::temp_directory_path() / absl::StrCat("caviar_data_fuzz.", getpid());
    std::filesystem::create_directories(path);
    return path.string();
  }();
  return absl::StrCat(directory, "/", name);
}

InputFile Scratch(const std::string& name, absl::string_view bytes) {
  const std::string path = ScratchPath(name);
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return {path, name};
}

// A data set that was imported must be whole, and its own file must read by its preprocessing.
void CheckImported(const ImportFiles& files, const v1::ImportSettings& settings) {
  const std::string output = ScratchPath("out");
  const absl::StatusOr<v1::Dataset> imported = ImportDataset(files, settings, output);
  if (!imported.ok()) {
    EXPECT_FALSE(imported.status().message().empty());
    return;
  }
  const auto dataset = Dataset::Open(output);
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_GT((*dataset)->train().rows, 0);
  EXPECT_GT((*dataset)->validation().rows, 0);
  for (const float x : (*dataset)->train().x) ASSERT_TRUE(std::isfinite(x));
  const auto table = ReadFeatures(
      imported->preprocessing(), files.data, files.labels,
      imported->preprocessing().has_header() ? v1::ImportSettings::YES : v1::ImportSettings::NO);
  EXPECT_TRUE(table.ok()) << table.status();
}

void FuzzCsv(const std::string& bytes) {
  for (const char* target : {"y", "0", "name:1"}) {
    ImportFiles files;
    files.data = Scratch("data.csv", bytes);
    v1::ImportSettings settings;
    settings.set_target(target);
    settings.set_format(v1::ImportSettings::CSV);
    CheckImported(files, settings);
  }
}

// The first byte parts data and labels.
void FuzzPair(const std::string& bytes, v1::ImportSettings::Format format) {
  const size_t cut = bytes.empty() ? 0 : static_cast<uint8_t>(bytes[0]);
  const absl::string_view rest = absl::string_view(bytes).substr(bytes.empty() ? 0 : 1);
  ImportFiles files;
  files.data = Scratch("data", rest.substr(0, cut));
  files.labels = Scratch("labels", rest.substr(std::min(cut, rest.size())));
  v1::ImportSettings settings;
  settings.set_format(format);
  CheckImported(files, settings);
}

void FuzzIdx(const std::string& bytes) { FuzzPair(bytes, v1::ImportSettings::IDX); }
void FuzzNpy(const std::string& bytes) { FuzzPair(bytes, v1::ImportSettings::NPY); }

void FuzzLibsvm(const std::string& bytes) {
  ImportFiles files;
  files.data = Scratch("data.libsvm", bytes);
  v1::ImportSettings settings;
  settings.set_format(v1::ImportSettings::LIBSVM);
  CheckImported(files, settings);
}

void FuzzTensorFile(const std::string& bytes) {
  const absl::StatusOr<TensorFile> file = TensorFile::Parse(bytes);
  if (!file.ok()) return;
  std::vector<NamedTensor> tensors(file->tensors().begin(), file->tensors().end());
  size_t sum = 0;
  for (const NamedTensor& tensor : tensors) {
    for (const char c : tensor.bytes) sum += static_cast<uint8_t>(c);
    if (tensor.name.empty()) return;
  }
  // What was read can be written, and then reads the same.
  const std::string again = EncodeTensorFile(tensors, file->metadata());
  const absl::StatusOr<TensorFile> reread = TensorFile::Parse(again);
  ASSERT_TRUE(reread.ok()) << reread.status();
  EXPECT_EQ(reread->tensors().size(), tensors.size()) << sum;
}

[[maybe_unused]] void FuzzAny(const std::string& bytes) {
  if (bytes.empty()) return;
  const std::string rest = bytes.substr(1);
  switch (static_cast<uint8_t>(bytes[0]) % 5) {
    case 0:
      return FuzzCsv(rest);
    case 1:
      return FuzzIdx(rest);
    case 2:
      return FuzzNpy(rest);
    case 3:
      return FuzzLibsvm(rest);
    default:
      return FuzzTensorFile(rest);
  }
}

#ifndef CAVIAR_LIBFUZZER

constexpr int kMutations = 400;

std::string Pair(const std::string& data, const std::string& labels) {
  return static_cast<char>(data.size()) + data + labels;
}

TEST(DataFuzzTest, CsvNeverCrashes) {
  std::string plain = "x,c,y\n", quoted = "\"x\";y\r\n", bare;
  for (int i = 0; i < 12; ++i) {
    absl::StrAppend(&plain, i % 5, ",", i % 2 == 0 ? "red" : "?", ",", i % 3, "\n");
    absl::StrAppend(&quoted, "\"", i, "\";\"a", i % 2, "\"\"\"\r\n");
    absl::StrAppend(&bare, "a", i % 2, "\t", i, "\t", i * i, "\n");
  }
  fuzz::RunMutations({plain, quoted, bare}, kMutations, FuzzCsv);
}

TEST(DataFuzzTest, IdxNeverCrashes) {
  std::string data("\0\0\x08\x03\0\0\0\x08\0\0\0\x01\0\0\0\x02", 16);
  std::string labels("\0\0\x08\x01\0\0\0\x08", 8);
  for (int i = 0; i < 16; ++i) data += static_cast<char>(i);
  for (int i = 0; i < 8; ++i) labels += static_cast<char>(i % 2);
  fuzz::RunMutations({Pair(data, labels)}, kMutations, FuzzIdx);
}

TEST(DataFuzzTest, NpyNeverCrashes) {
  const auto npy = [](const std::string& shape, const std::string& data) {
    const std::string header =
        absl::StrCat("{'descr': '|u1', 'fortran_order': False, 'shape': ", shape, ", }\n");
    return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header +
           data;
  };
  std::string data, labels;
  for (int i = 0; i < 16; ++i) data += static_cast<char>(i);
  for (int i = 0; i < 8; ++i) labels += static_cast<char>(i % 2);
  fuzz::RunMutations({Pair(npy("(8, 2)", data), npy("(8,)", labels))}, kMutations, FuzzNpy);
}

TEST(DataFuzzTest, LibsvmNeverCrashes) {
  std::string text = "# comment\n";
  for (int i = 0; i < 8; ++i) absl::StrAppend(&text, i % 2, " 1:", i, " 7:0.5\n");
  fuzz::RunMutations({text}, kMutations, FuzzLibsvm);
}

TEST(DataFuzzTest, TensorFileNeverCrashes) {
  const std::vector<float> x = {1, 2, 3, 4};
  const std::vector<uint8_t> y = {1, 2, 3};
  const std::vector<NamedTensor> tensors = {TensorOf<float>("x", {2, 2}, x),
                                            TensorOf<uint8_t>("y", {3}, y)};
  fuzz::RunMutations({EncodeTensorFile(tensors, {{"key", "value"}}), EncodeTensorFile({}, {})},
                     20 * kMutations, FuzzTensorFile);
}

#endif  // CAVIAR_LIBFUZZER

}  // namespace
}  // namespace caviar::data

#ifdef CAVIAR_LIBFUZZER
// clang++-14 -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -DCAVIAR_LIBFUZZER …
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  caviar::data::FuzzAny(std::string(reinterpret_cast<const char*>(bytes), size));
  return 0;
}
#endif  // CAVIAR_LIBFUZZER
