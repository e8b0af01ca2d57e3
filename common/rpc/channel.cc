#include "common/rpc/channel.h"

#include <grpcpp/grpcpp.h>

#include <string>

namespace caviar {
namespace {

// A half-open link is found within 30 s.
constexpr int kKeepaliveTimeMs = 20'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
// gRPC's own back-off below ours grows to two minutes by default: a worker would wait that long
// whatever its session back-off says.
constexpr int kReconnectInitialMs = 500;
constexpr int kReconnectMaxMs = 5'000;
// How long an attempt to connect may take, whatever gRPC calls it: the greeting of a coordinator
// that waits for its processor takes seconds, and one that is not there is refused at once.
constexpr int kConnectTimeoutMs = 5'000;
// Answers come from our own coordinator; the schema of a data set of 10^5 columns is the longest.
constexpr int kReceiveBytesMax = 64 << 20;
// A status message of kStatusTextMax bytes triples when it is percent-encoded on the wire, which is
// past gRPC's default of 8 KiB.
constexpr int kMetadataBytesMax = 32 << 10;

}  // namespace

std::shared_ptr<grpc::Channel> CreateClientChannel(absl::string_view address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // The default 2 stops keepalive on a stream that is quiet, which is just where it is needed.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectInitialMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMaxMs);
  // Retries are ours alone: layers that each retry multiply.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // A proxy from the environment must not see loopback traffic.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
  arguments.SetMaxReceiveMessageSize(kReceiveBytesMax);
  return grpc::CreateCustomChannel(std::string(address), grpc::InsecureChannelCredentials(),
                                   arguments);
}

}  // namespace caviar
