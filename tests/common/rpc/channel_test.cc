#include "common/rpc/channel.h"

#include <arpa/inet.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace caviar {
namespace {

// A coordinator whose machine is too busy to answer at once: the kernel accepts the connection for
// it, and nobody says a word.
class SilentListener {
 public:
  SilentListener() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address_);
    auto* const any = reinterpret_cast<sockaddr*>(&address_);
    EXPECT_EQ(bind(listener_, any, length), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    EXPECT_EQ(getsockname(listener_, any, &length), 0);
  }
  ~SilentListener() {
    if (connection_ >= 0) close(connection_);
    close(listener_);
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", ntohs(address_.sin_port)); }

  // Whether the next caller hangs up before the time is over.
  bool IsLeftWithin(int milliseconds) {
    connection_ = accept(listener_, nullptr, nullptr);
    pollfd hang_up{.fd = connection_, .events = POLLRDHUP, .revents = 0};
    return poll(&hang_up, 1, milliseconds) != 0;
  }

 private:
  const int listener_;
  sockaddr_in address_{};
  int connection_ = -1;
};

TEST(ChannelTest, ACoordinatorStarvedOfItsProcessorIsGivenTimeToGreet) {
  SilentListener coordinator;
  const auto channel = CreateClientChannel(coordinator.address());
  channel->GetState(/*try_to_connect=*/true);
  EXPECT_FALSE(coordinator.IsLeftWithin(1500));
}

}  // namespace
}  // namespace caviar
