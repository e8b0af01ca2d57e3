#include "client/cli/unreachable.h"

#include <gtest/gtest.h>

namespace caviar::cli {
namespace {

std::optional<std::string> Why(const std::string& unavailable) {
  return WhyUnreachable(absl::UnavailableError(unavailable));
}

TEST(WhyUnreachableTest, SpeaksOfTheNetworkNotOfGrpc) {
  EXPECT_EQ(Why("failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Failed "
                "to connect to remote host: Connection refused"),
            "connection refused");
  EXPECT_EQ(Why("failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: tcp "
                "handshaker shutdown"),
            "no answer");
  EXPECT_EQ(Why("DNS resolution failed for nohost:7420: C-ares status is not ARES_SUCCESS "
                "qtype=A name=nohost is_balancer=0: Domain name not found"),
            "no such host");
  EXPECT_EQ(Why("Trying to connect an http1.x server"), "what listens there is no coordinator");
  EXPECT_EQ(Why("the coordinator is closing"), "the coordinator is closing");
}

TEST(WhyUnreachableTest, TellsAnotherServerFromACoordinator) {
  EXPECT_EQ(WhyUnreachable(absl::UnimplementedError("Received http2 header with status: 404")),
            "what listens there is no coordinator");
  EXPECT_EQ(WhyUnreachable(absl::UnknownError("Received http2 header with status: 400")),
            "what listens there is no coordinator");
  EXPECT_EQ(WhyUnreachable(absl::UnimplementedError("")), "what listens there is no coordinator");
  EXPECT_EQ(WhyUnreachable(absl::NotFoundError("there is no job 7")), std::nullopt);
  EXPECT_EQ(WhyUnreachable(absl::OkStatus()), std::nullopt);
}

}  // namespace
}  // namespace caviar::cli
