#include "common/rpc/status_conversion.h"

#include <string>

#include "common/text/utf8.h"

namespace caviar {

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  std::string message(status.message());
  if (message.size() > kStatusTextMax) {
    constexpr char kCut[] = " …";
    message.resize(CutUtf8(message, kStatusTextMax - sizeof(kCut)).size());
    message += kCut;
  }
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), message);
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

}  // namespace caviar
