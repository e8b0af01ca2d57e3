#include "common/rpc/address.h"

#include <gtest/gtest.h>

namespace caviar {
namespace {

TEST(ParseHostPortTest, TakesNamesIpv4AndBracketedIpv6) {
  const struct {
    const char* text;
    const char* host;
    int port;
  } cases[] = {{"localhost:7420", "localhost", 7420},
               {"127.0.0.1:0", "127.0.0.1", 0},
               {"[::1]:65535", "::1", 65535},
               {"a-b.example.org:1", "a-b.example.org", 1}};
  for (const auto& expected : cases) {
    const auto parsed = ParseHostPort(expected.text, "--listen");
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->host, expected.host);
    EXPECT_EQ(parsed->port, expected.port);
    EXPECT_EQ(FormatHostPort(*parsed), expected.text);
  }
}

TEST(ParseHostPortTest, RefusesWhatIsNoAddress) {
  for (const char* text :
       {"", "localhost", ":1", "host:", "host:x", "host:65536", "host:-1", "::1:7420", "[::x]:1",
        "[]:1", "a b:1", "host:+1", "http://host:1", "host:99999999999999999999"}) {
    const auto parsed = ParseHostPort(text, "--listen");
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(parsed.status().message().find("--listen: must be HOST:PORT"), 0u) << text;
  }
}

TEST(IsLoopbackTest, IsTrueForThisMachineOnly) {
  for (const char* host :
       {"localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(IsLoopback(host)) << host;
  }
  for (const char* host : {"", "0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "localhost.example.org",
                           "127.example.org", "::ffff:10.0.0.1", "::2"}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
  }
}

}  // namespace
}  // namespace caviar
