// HOST:PORT as people write it, and whether a host is this machine only.
//
// Threads: pure functions.
// Errors:  kInvalidArgument with a sentence that shows what was given and what is expected.
#ifndef CAVIAR_COMMON_RPC_ADDRESS_H_
#define CAVIAR_COMMON_RPC_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace caviar {

// Where a coordinator listens, and clients and workers look for it, unless told otherwise.
inline constexpr char kDefaultServerAddress[] = "127.0.0.1:7420";

struct HostPort {
  // A name, an IPv4 address or an IPv6 address without its brackets.
  std::string host;
  // 0 to 65535; 0 asks a listener for any free port.
  int port = 0;
};

// "localhost:7420", "127.0.0.1:0", "[::1]:7420". An error starts with `source`, where the text
// comes from: a flag.
absl::StatusOr<HostPort> ParseHostPort(absl::string_view text, absl::string_view source);

// The inverse: brackets around IPv6 addresses.
std::string FormatHostPort(const HostPort& address);

// True for localhost, 127.0.0.0/8 and ::1 (also as ::ffff:127.x.x.x): nobody else can reach it.
// False for 0.0.0.0, :: and every other name, which are not looked up.
bool IsLoopback(absl::string_view host);

}  // namespace caviar

#endif  // CAVIAR_COMMON_RPC_ADDRESS_H_
