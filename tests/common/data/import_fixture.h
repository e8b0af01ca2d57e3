// Imports files given as bytes, for the tests of common/data.
#ifndef CAVIAR_TESTS_COMMON_DATA_IMPORT_FIXTURE_H_
#define CAVIAR_TESTS_COMMON_DATA_IMPORT_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <functional>
#include <string>

#include "common/data/dataset.h"
#include "common/data/import.h"
#include "common/file/durable_file.h"

namespace caviar::data {

inline std::string Gzip(const std::string& bytes) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, bytes.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// A directory of its own for each test.
class ImportFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* const info = ::testing::UnitTest::GetInstance()->current_test_info();
    directory_ = std::filesystem::path(::testing::TempDir()) /
                 (std::string("caviar_data_") + info->test_suite_name() + "_" + info->name() + "_" +
                  std::to_string(getpid()));
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  InputFile File(const std::string& name, const std::string& bytes) const {
    const std::string path = (directory_ / name).string();
    EXPECT_TRUE(WriteFileDurably(path, bytes).ok());
    return {path, name};
  }
  std::string output() const { return (directory_ / "out.dataset").string(); }

  absl::StatusOr<v1::Dataset> Import(const ImportFiles& files,
                                     const v1::ImportSettings& settings) const {
    return ImportDataset(files, settings, output());
  }
  absl::StatusOr<v1::Dataset> ImportCsv(
      const std::string& bytes, const std::string& target,
      const std::function<void(v1::ImportSettings&)>& change = nullptr) const {
    v1::ImportSettings settings;
    settings.set_target(target);
    if (change) change(settings);
    ImportFiles files;
    files.data = File("data.csv", bytes);
    return Import(files, settings);
  }
  std::shared_ptr<const Dataset> Opened() const {
    const auto dataset = Dataset::Open(output());
    EXPECT_TRUE(dataset.ok()) << dataset.status();
    return dataset.ok() ? *dataset : nullptr;
  }

  std::filesystem::path directory_;
};

// `header` and then each of `rows` in turn until there are `count`.
inline std::string Repeat(const std::string& header, const std::vector<std::string>& rows,
                          int count) {
  std::string text = header;
  for (int i = 0; i < count; ++i) text += rows[static_cast<size_t>(i) % rows.size()] + "\n";
  return text;
}

}  // namespace caviar::data

#endif  // CAVIAR_TESTS_COMMON_DATA_IMPORT_FIXTURE_H_
