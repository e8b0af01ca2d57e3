#include "client/cli/unreachable.h"

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace caviar::cli {
namespace {

constexpr struct {
  absl::string_view said;  // by gRPC, somewhere in its chain of causes
  const char* means;
} kCauses[] = {
    {"DNS resolution failed", "no such host"},
    {"Connection refused", "connection refused"},
    {"No route to host", "no route to that host"},
    {"Network is unreachable", "its network is unreachable"},
    {"Connection reset", "the connection was cut"},
    {"http1.x", "what listens there is no coordinator"},
};

}  // namespace

std::optional<std::string> WhyUnreachable(const absl::Status& answer) {
  if (answer.ok()) return std::nullopt;
  const absl::string_view message = answer.message();
  // A web server, say; its status may have become any code.
  const bool is_web = absl::StrContains(message, "Received http2 header with status");
  if (absl::IsUnimplemented(answer) || is_web) return "what listens there is no coordinator";
  if (!absl::IsUnavailable(answer)) return std::nullopt;
  for (const auto& cause : kCauses) {
    if (absl::StrContains(message, cause.said)) return cause.means;
  }
  // "tcp handshaker shutdown", "Endpoint read failed" and whatever else gRPC says of itself:
  // "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: tcp handshaker
  // shutdown".
  if (absl::StrContains(message, "failed to connect") || absl::StrContains(message, "Endpoint") ||
      absl::StrContains(message, "handshaker") || absl::StrContains(message, "Socket closed")) {
    return "no answer";
  }
  return std::string(message);
}

}  // namespace caviar::cli
