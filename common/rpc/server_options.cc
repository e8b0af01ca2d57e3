#include "common/rpc/server_options.h"

#include <grpcpp/grpcpp.h>

namespace caviar {
namespace {

constexpr int kConcurrentStreamsMax = 128;
constexpr int kServerMetadataBytesMax = 8 << 10;
// A connection that says nothing holds a descriptor for this long.
constexpr int kHandshakeTimeoutMs = 10'000;
constexpr int kServerKeepaliveTimeMs = 30'000;
constexpr int kServerKeepaliveTimeoutMs = 10'000;
// Clients ping every 20 s; gRPC's default (5 min) would answer them with too_many_pings and close.
constexpr int kPingIntervalMinMs = 10'000;
constexpr int kPingStrikesMax = 2;
constexpr int kConnectionIdleMaxMs = 15 * 60'000;

}  // namespace

void ApplyServerOptions(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kServerReceiveBytesMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kConcurrentStreamsMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kServerMetadataBytesMax);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
  // 264 KiB of gzip became 256 MiB in memory before the message limit applied.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);

  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kServerKeepaliveTimeMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kServerKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kPingIntervalMinMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kPingStrikesMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kConnectionIdleMaxMs);

  // With SO_REUSEPORT (gRPC's default) two coordinators would silently share a port.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace caviar
