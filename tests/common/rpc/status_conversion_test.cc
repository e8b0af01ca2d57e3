#include "common/rpc/status_conversion.h"

#include <gtest/gtest.h>

#include <string>

namespace caviar {
namespace {

TEST(StatusConversionTest, KeepsEveryCodeAndTheMessageBothWays) {
  for (int code = 0; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), code == 0 ? "" : "ähm");
    EXPECT_EQ(ToGrpcStatus(status).error_code(), code);
    EXPECT_EQ(FromGrpcStatus(ToGrpcStatus(status)), status);
  }
}

TEST(StatusConversionTest, CutsALongMessageBetweenCharacters) {
  std::string long_text;
  while (long_text.size() < 20'000) long_text += "ü";
  for (const char* lead : {"", "x"}) {
    const std::string cut = ToGrpcStatus(absl::InternalError(lead + long_text)).error_message();
    EXPECT_LE(cut.size(), size_t{kStatusTextMax});
    EXPECT_GT(cut.size(), size_t{kStatusTextMax} - 10);
    const std::string body = cut.substr(0, cut.size() - std::string(" …").size());
    EXPECT_EQ(body, (lead + long_text).substr(0, body.size()));
    EXPECT_EQ((body.size() - std::string(lead).size()) % 2, 0u);
  }
}

}  // namespace
}  // namespace caviar
