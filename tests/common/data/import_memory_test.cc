// Import streams: what it holds grows with rows and columns as limits.h says, not with the file.
#include <cstdint>
#include <fstream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tests/common/data/import_fixture.h"

namespace caviar::data {
namespace {

// "VmRSS:    1234 kB" of /proc/self/status, in bytes; 0 if it is not there.
int64_t StatusBytes(absl::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    absl::string_view rest = line;
    int64_t kilobytes = 0;
    if (absl::ConsumePrefix(&rest, name) && absl::ConsumePrefix(&rest, ":") &&
        absl::ConsumeSuffix(&rest, "kB") && absl::SimpleAtoi(rest, &kilobytes)) {
      return kilobytes << 10;
    }
  }
  return 0;
}

class ImportMemoryTest : public ImportFixture {};

TEST_F(ImportMemoryTest, TakesATwentiethOfTwoGibibytesForATwentiethOfAMillionRows) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's own memory would be measured";
#endif
  constexpr int kRows = 1'000'000 / 20;
  constexpr int kColumns = 50;
  constexpr int64_t kBytesMax = (int64_t{2} << 30) / 20;
  const std::string path = (directory_ / "wide.csv").string();
  {
    std::ofstream file(path);
    for (int row = 0; row < kRows; ++row) {
      std::string line;
      for (int c = 0; c < kColumns; ++c) absl::StrAppend(&line, (row * 31 + c * 7) % 997, ".25,");
      file << line << (row % 3 == 0 ? "a\n" : "b\n");
    }
  }
  ImportFiles files;
  files.data = {path, "wide.csv"};
  v1::ImportSettings settings;
  settings.set_target(absl::StrCat(kColumns));
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak starts again
  const int64_t before = StatusBytes("VmRSS");
  const auto dataset = Import(files, settings);
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  const int64_t peak = StatusBytes("VmHWM");
  ASSERT_GT(before, 0);
  EXPECT_GT(peak, before);
  EXPECT_LT(peak - before, kBytesMax);
}

}  // namespace
}  // namespace caviar::data
