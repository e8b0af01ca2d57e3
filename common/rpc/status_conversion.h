// absl::Status <-> grpc::Status: the same codes and message, nothing added.
//
// Threads: pure functions.
#ifndef CAVIAR_COMMON_RPC_STATUS_CONVERSION_H_
#define CAVIAR_COMMON_RPC_STATUS_CONVERSION_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace caviar {

// A message longer than the metadata limit would break the stream: it is cut at kStatusTextMax
// bytes, at the end of a UTF-8 character.
inline constexpr int kStatusTextMax = 4096;
grpc::Status ToGrpcStatus(const absl::Status& status);

absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace caviar

#endif  // CAVIAR_COMMON_RPC_STATUS_CONVERSION_H_
