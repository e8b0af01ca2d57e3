#include "common/rpc/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace caviar {
namespace {

constexpr int kPortMax = 65535;

absl::Status NotAnAddress(absl::string_view source, absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(source, ": must be HOST:PORT such as ",
                                                 kDefaultServerAddress, ", got \"", text, "\" (",
                                                 why, ")"));
}

bool IsDigits(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  return !text.empty();
}

}  // namespace

absl::StatusOr<HostPort> ParseHostPort(absl::string_view text, absl::string_view source) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return NotAnAddress(source, text, "no port");
  absl::string_view host = text.substr(0, colon);
  const absl::string_view port_text = text.substr(colon + 1);

  HostPort address;
  if (!IsDigits(port_text) || !absl::SimpleAtoi(port_text, &address.port) ||
      address.port > kPortMax) {
    return NotAnAddress(source, text, "the port must be 0 to 65535");
  }
  if (absl::StartsWith(host, "[") && absl::EndsWith(host, "]")) {
    host = host.substr(1, host.size() - 2);
    in6_addr parsed;
    if (inet_pton(AF_INET6, std::string(host).c_str(), &parsed) != 1) {
      return NotAnAddress(source, text, "no IPv6 address in the brackets");
    }
  } else if (absl::StrContains(host, ':')) {
    return NotAnAddress(source, text, "an IPv6 address needs brackets: [::1]:7420");
  }
  if (host.empty()) return NotAnAddress(source, text, "no host");
  for (const char c : host) {
    if (!absl::ascii_isgraph(c) || c == '/' || c == ',') {
      return NotAnAddress(source, text, "the host has a character that no name has");
    }
  }
  address.host = std::string(host);
  return address;
}

std::string FormatHostPort(const HostPort& address) {
  const bool is_ipv6 = absl::StrContains(address.host, ':');
  return absl::StrCat(is_ipv6 ? "[" : "", address.host, is_ipv6 ? "]:" : ":", address.port);
}

bool IsLoopback(absl::string_view host) {
  if (absl::EqualsIgnoreCase(host, "localhost")) return true;
  const std::string text(host);
  in_addr ipv4;
  if (inet_pton(AF_INET, text.c_str(), &ipv4) == 1) return (ntohl(ipv4.s_addr) >> 24) == 127;
  in6_addr ipv6;
  if (inet_pton(AF_INET6, text.c_str(), &ipv6) != 1) return false;
  if (IN6_IS_ADDR_LOOPBACK(&ipv6)) return true;
  return IN6_IS_ADDR_V4MAPPED(&ipv6) && ipv6.s6_addr[12] == 127;
}

}  // namespace caviar
