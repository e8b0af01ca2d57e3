// The one way in which clients and workers dial a coordinator.
//
// Threads: thread-safe.
#ifndef CAVIAR_COMMON_RPC_CHANNEL_H_
#define CAVIAR_COMMON_RPC_CHANNEL_H_

#include <memory>

#include "absl/strings/string_view.h"

namespace grpc {
class Channel;
}

namespace caviar {

// A plaintext channel to "HOST:PORT" with our keepalive and back-off; connects on the first call.
// Each call makes a connection of its own (gRPC would otherwise share one between equal channels).
std::shared_ptr<grpc::Channel> CreateClientChannel(absl::string_view address);

}  // namespace caviar

#endif  // CAVIAR_COMMON_RPC_CHANNEL_H_
