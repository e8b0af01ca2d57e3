#include <bit>
#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "tests/common/data/import_fixture.h"

namespace caviar::data {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BlockImportTest : public ImportFixture {};

std::string Idx(uint8_t type, const std::vector<uint32_t>& shape, const std::string& data) {
  std::string bytes = {0, 0, static_cast<char>(type), static_cast<char>(shape.size())};
  for (const uint32_t size : shape) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
  }
  return bytes + data;
}

std::string Npy(const std::string& dict, const std::string& data) {
  const std::string header = dict + "\n";
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xFF);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header + data;
}

std::string NpyOf(const std::string& descr, const std::string& shape, const std::string& data) {
  return Npy(
      absl::StrCat("{'descr': '", descr, "', 'fortran_order': False, 'shape': ", shape, ", }"),
      data);
}

template <typename T>
std::string Bytes(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

// Twelve rows of two values each, two classes.
std::string Pixels() {
  std::string bytes;
  for (int i = 0; i < 24; ++i) bytes += static_cast<char>(i);
  return bytes;
}
std::string Classes() {
  std::string bytes;
  for (int i = 0; i < 12; ++i) bytes += static_cast<char>(i % 2);
  return bytes;
}

TEST_F(BlockImportTest, ImportsAnIdxPairWithOneScaleForAllPixels) {
  ImportFiles files;
  files.data = File("images", Gzip(Idx(8, {12, 1, 2}, Pixels())));
  files.labels = File("labels", Gzip(Idx(8, {12}, Classes())));
  const auto dataset = Import(files, {});
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->preprocessing().format(), v1::ImportSettings::IDX);
  EXPECT_THAT(dataset->preprocessing().classes(), ElementsAre("0", "1"));
  EXPECT_EQ(dataset->preprocessing().block().width(), 2u);
  const auto opened = Opened();
  EXPECT_EQ(opened->features(), 2);
  double sum = 0, squares = 0;
  for (const float x : opened->train().x) {
    sum += x;
    squares += static_cast<double>(x) * x;
  }
  EXPECT_NEAR(sum, 0, 1e-4);
  EXPECT_NEAR(squares / static_cast<double>(opened->train().x.size()), 1, 1e-5);
  EXPECT_EQ(dataset->train().rows() + dataset->validation().rows() + dataset->test().rows(), 12u);
}

TEST_F(BlockImportTest, TakesTheTestPartFromATestPair) {
  ImportFiles files;
  files.data = File("images", Idx(8, {12, 1, 2}, Pixels()));
  files.labels = File("labels", Idx(8, {12}, Classes()));
  files.test_data = File("test-images", Idx(8, {2, 1, 2}, "\x01\x02\x03\x04"));
  files.test_labels = File("test-labels", Idx(8, {2}, std::string("\1\0", 2)));
  const auto dataset = Import(files, {});
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->test().rows(), 2u);
  const v1::UniformBlock& block = dataset->preprocessing().block();
  EXPECT_FLOAT_EQ(Opened()->test().x[3],
                  static_cast<float>((4 - block.mean()) / block.deviation()));
  EXPECT_THAT(Opened()->test().labels, ElementsAre(1, 0));
}

TEST_F(BlockImportTest, ReadsEveryElementTypeAlike) {
  std::vector<uint8_t> u8;
  std::vector<float> f32;
  std::vector<double> f64;
  std::vector<int16_t> i16;
  std::vector<int64_t> labels;
  for (int i = 0; i < 24; ++i) {
    u8.push_back(static_cast<uint8_t>(i));
    f32.push_back(static_cast<float>(i));
    f64.push_back(i);
    i16.push_back(static_cast<int16_t>(i));
    if (i % 2 == 0) labels.push_back(i % 4);
  }
  std::string big_endian;
  for (const float value : f32) {
    const auto bits = __builtin_bswap32(std::bit_cast<uint32_t>(value));
    big_endian.append(reinterpret_cast<const char*>(&bits), 4);
  }
  const InputFile labels_file = File("y.npy", NpyOf("<i8", "(12,)", Bytes(labels)));
  std::vector<std::vector<float>> results;
  for (const std::string& bytes :
       {NpyOf("|u1", "(12, 2)", Bytes(u8)), NpyOf("<f4", "(12, 2)", Bytes(f32)),
        NpyOf("<f8", "(12, 1, 2)", Bytes(f64)), NpyOf("<i2", "(12, 2)", Bytes(i16)),
        NpyOf(">f4", "(12, 2)", big_endian), Gzip(NpyOf("<f4", "(12, 2)", Bytes(f32)))}) {
    ImportFiles files;
    files.data = File("x.npy", bytes);
    files.labels = labels_file;
    const auto dataset = Import(files, {});
    ASSERT_TRUE(dataset.ok()) << dataset.status();
    EXPECT_THAT(dataset->preprocessing().classes(), ElementsAre("0", "2"));
    const auto opened = Opened();
    const auto x = opened->train().x;
    results.emplace_back(x.begin(), x.end());
    EXPECT_EQ(results.front(), results.back());
  }
}

TEST_F(BlockImportTest, KeepsZerosAtZeroForLibsvm) {
  std::string text = "# a comment\n";
  for (int i = 0; i < 10; ++i) absl::StrAppend(&text, "+1 1:2 3:4 # why\r\n-1 2:1\n\n");
  ImportFiles files;
  files.data = File("data.libsvm", text);
  files.test_data = File("test.libsvm", "1 1:2 7:1\n-1.0\n");
  const auto dataset = Import(files, {});
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->preprocessing().format(), v1::ImportSettings::LIBSVM);
  EXPECT_THAT(dataset->preprocessing().classes(), ElementsAre("-1", "1"));
  const v1::UniformBlock& block = dataset->preprocessing().block();
  EXPECT_EQ(block.mean(), 0);
  // Rows of class 1 hold 2 and 4, those of -1 hold 1.
  const double negatives = dataset->train().class_rows(0);
  const double positives = dataset->train().class_rows(1);
  EXPECT_NEAR(block.deviation(),
              std::sqrt((20 * positives + negatives) / (3 * (positives + negatives))), 1e-9);
  const auto opened = Opened();
  EXPECT_THAT(opened->test().x,
              ElementsAre(static_cast<float>(2 / block.deviation()), 0, 0, 0, 0, 0));
  EXPECT_THAT(dataset->warnings(), Contains(HasSubstr("1 values were left out")));
}

TEST_F(BlockImportTest, NamesTheMissingLabelsFile) {
  ImportFiles files;
  files.data = File("images", Idx(8, {12, 1, 2}, Pixels()));
  EXPECT_THAT(std::string(Import(files, {}).status().message()),
              HasSubstr("images: an IDX file needs its labels"));
}

struct BadPair {
  const char* name;
  std::string data;
  std::string labels;
  const char* message;
};

TEST_F(BlockImportTest, RefusesBrokenPairsWithTheReason) {
  const std::string good_labels = Idx(8, {12}, Classes());
  const std::string npy_labels = NpyOf("|u1", "(12,)", Classes());
  std::vector<float> with_nan(24, 1.0f);
  with_nan[5] = std::nanf("");
  std::vector<float> continuous;
  for (int i = 0; i < 12; ++i) continuous.push_back(static_cast<float>(i) * 0.37f);
  std::vector<float> halves;
  for (int i = 0; i < 12; ++i) halves.push_back(static_cast<float>(i % 2) * 0.5f);
  const std::vector<BadPair> bad_pairs = {
      {"truncated", Idx(8, {12, 2}, "abc"), good_labels, "the file ends in row 1"},
      {"trailing", Idx(8, {12, 2}, Pixels() + "x"), good_labels, "more bytes follow"},
      {"overflow", Idx(8, {0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, "x"), good_labels,
       "are more than the"},
      {"zero and overflow", Idx(8, {0, 0xFFFFFFFF, 0xFFFFFFFF}, "x"), good_labels,
       "are more than the"},
      {"wide", Idx(8, {1, 1u << 29}, "x"), good_labels, "more than the 1000000"},
      {"no rows", Idx(8, {0, 2}, ""), Idx(8, {0}, ""), "the file has no rows"},
      {"no columns", Idx(8, {12, 0}, ""), good_labels, "at least one value"},
      {"short header", std::string("\0\0\x08\x03\0", 5), good_labels, "ends inside the IDX header"},
      {"swapped", Idx(8, {12}, Classes()), Idx(8, {12, 2}, Pixels()), "swapped"},
      {"labels of two", Idx(8, {12, 2}, Pixels()), Idx(8, {6, 2}, Classes()), "swapped"},
      {"fewer labels", Idx(8, {12, 2}, Pixels()), Idx(8, {3}, "\1\2\3"),
       "images has 12 rows, but labels has 3 labels"},
      {"labels not idx", Idx(8, {12, 2}, Pixels()), "abcdefgh", "is no IDX file"},
      {"one class", Idx(8, {12, 2}, Pixels()), Idx(8, {12}, std::string(12, '\7')),
       "all 12 rows have the same target '7'"},
      {"object dtype", NpyOf("|O", "(12, 2)", ""), npy_labels, "type '|O'; numbers are needed"},
      {"text dtype", NpyOf("<U5", "(12, 2)", ""), npy_labels, "numbers are needed"},
      {"half", NpyOf("<f2", "(12, 2)", ""), npy_labels, "numbers are needed"},
      {"structured", Npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (12,), }", ""),
       npy_labels, "type 'structured'"},
      {"fortran", Npy("{'descr': '|u1', 'fortran_order': True, 'shape': (12, 2), }", Pixels()),
       npy_labels, "column by column"},
      {"bad header", Npy("{'descr': '|u1', 'shape': (12, 2), }", Pixels()), npy_labels,
       "cannot be read"},
      {"bad tuple", Npy("{'descr': '|u1', 'fortran_order': False, 'shape': (12 2), }", Pixels()),
       npy_labels, "cannot be read"},
      {"negative", Npy("{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 2), }", Pixels()),
       npy_labels, "cannot be read"},
      {"huge", NpyOf("|u1", "(99999999999999, 99999999999)", ""), npy_labels, "are more than the"},
      {"overlong number", NpyOf("|u1", "(99999999999999999999999, 2)", ""), npy_labels,
       "cannot be read"},
      {"scalar", NpyOf("|u1", "()", "x"), npy_labels, "single number"},
      {"version", std::string("\x93NUMPY\x09\x00\x01\x00 ", 11), npy_labels, "NPY version 9"},
      {"nan", NpyOf("<f4", "(12, 2)", Bytes(with_nan)), npy_labels,
       "images, row 2, value 1 (counted from 0): nan is not a finite number"},
      {"truncated npy", NpyOf("<f4", "(12, 2)", "abc"), npy_labels, "ends in row 0"},
      {"regression", NpyOf("|u1", "(12, 2)", Pixels()), NpyOf("<f4", "(12,)", Bytes(continuous)),
       "regression is not supported"},
      // Classes are numbered: two halves that repeat are measurements, too.
      {"a fraction", NpyOf("|u1", "(12, 2)", Pixels()), NpyOf("<f4", "(12,)", Bytes(halves)),
       "labels, row 1 (counted from 0): the label 0.5 is no whole number: regression is not "
       "supported, only classes"},
      {"truncated gzip", Gzip(Idx(8, {12, 2}, Pixels())).substr(0, 20), good_labels, "truncated"},
  };
  for (const BadPair& bad : bad_pairs) {
    ImportFiles files;
    files.data = File("images", bad.data);
    files.labels = File("labels", bad.labels);
    const auto dataset = Import(files, {});
    ASSERT_FALSE(dataset.ok()) << bad.name;
    EXPECT_THAT(std::string(dataset.status().message()), HasSubstr(bad.message)) << bad.name;
    EXPECT_FALSE(std::filesystem::exists(output())) << bad.name;
  }
}

TEST_F(BlockImportTest, RefusesBrokenLibsvmWithTheLine) {
  const std::vector<std::pair<std::string, const char*>> bad_lines = {
      {"1 0:1", "line 3: the index in '0:1' is below 1"},
      {"1 2:1 1:1", "line 3: the index in '1:1' does not rise (the one before it is 2)"},
      {"1 2:1 2:1", "does not rise"},
      {"1 99999999:1", "above the 1000000 columns"},
      {"1 99999999999999999999:1", "is not index:value"},
      {"1 -1:1", "below 1"},
      {"1 a:1", "is not index:value"},
      {"1 1", "'1' is not index:value"},
      {"1 1:", "the value in '1:' is not a finite number"},
      {"1 1:nan", "not a finite number"},
      {"1 1:inf", "not a finite number"},
      {"1 qid:3 1:1", "ranking data"},
      {"1,2 1:1", "the label '1,2' is not a number"},
      {"x 1:1", "the label 'x'"},
  };
  for (const auto& [line, message] : bad_lines) {
    ImportFiles files;
    files.data = File("data.txt", absl::StrCat("1 1:1\n2 2:1\n", line, "\n"));
    const auto dataset = Import(files, {});
    ASSERT_FALSE(dataset.ok()) << line;
    EXPECT_THAT(std::string(dataset.status().message()), HasSubstr(message)) << line;
  }
}

TEST_F(BlockImportTest, RefusesColumnOptions) {
  ImportFiles files;
  files.data = File("data.txt", "1 1:1\n2 2:1\n");
  v1::ImportSettings settings;
  settings.set_target("y");
  EXPECT_THAT(std::string(Import(files, settings).status().message()),
              HasSubstr("name columns, which LIBSVM files do not have"));
}

}  // namespace
}  // namespace caviar::data
