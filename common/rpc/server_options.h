// The limits that every gRPC server of ours sets: what gRPC 1.51 needs to stay bounded.
#ifndef CAVIAR_COMMON_RPC_SERVER_OPTIONS_H_
#define CAVIAR_COMMON_RPC_SERVER_OPTIONS_H_

namespace grpc {
class ServerBuilder;
}

namespace caviar {

// Longest message a server takes. Artifacts travel in chunks of at most kChunkBytesMax.
inline constexpr int kServerReceiveBytesMax = 1 << 20;
inline constexpr int kChunkBytesMax = 256 << 10;

// Message, metadata, stream and handshake bounds, keepalive that matches channel.h, no compression,
// no sharing of the port with another process. Ports and services are the caller's.
void ApplyServerOptions(grpc::ServerBuilder& builder);

}  // namespace caviar

#endif  // CAVIAR_COMMON_RPC_SERVER_OPTIONS_H_
