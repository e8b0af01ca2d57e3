#include "client/cli/rpc_calls.h"

#include <sys/random.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/unreachable.h"
#include "common/rpc/channel.h"
#include "common/rpc/status_conversion.h"
#include "common/status/check.h"

namespace caviar::cli {

absl::Duration BackOff::Next() {
  const absl::Duration longest = std::exchange(next_, std::min(next_ * 2, longest_));
  uint16_t random = 0;
  CAVIAR_CHECK(getrandom(&random, sizeof(random), 0) == sizeof(random));
  return longest * (0.5 + 0.5 * random / 65536.0);
}

SearchClient::Calls::Calls(std::string address)
    : address_(std::move(address)),
      stub_(v1::SearchService::NewStub(CreateClientChannel(address_))) {}

void SearchClient::Calls::Cancel() {
  const MutexLock lock(&mutex_);
  is_cancelled_ = true;
  if (current_ != nullptr) current_->TryCancel();
  cancelled_.NotifyAll();
}

bool SearchClient::Calls::is_cancelled() {
  const MutexLock lock(&mutex_);
  return is_cancelled_;
}

bool SearchClient::Calls::Sleep(absl::Duration duration) {
  const auto end = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(duration);
  const MutexLock lock(&mutex_);
  while (!is_cancelled_) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= end) return true;
    cancelled_.WaitFor(&mutex_, absl::FromChrono(end - now));
  }
  return false;
}

absl::Status SearchClient::Calls::ToStatus(const grpc::Status& status,
                                           std::chrono::seconds timeout) {
  if (is_cancelled()) return absl::CancelledError("interrupted");
  absl::Status converted = FromGrpcStatus(status);
  if (absl::IsDeadlineExceeded(converted)) {
    return absl::UnavailableError(
        absl::StrCat("no answer from ", address_, " within ", timeout.count(), " s"));
  }
  const std::optional<std::string> why = WhyUnreachable(converted);
  if (!why.has_value()) return converted;
  return absl::UnavailableError(
      absl::StrCat("cannot reach a coordinator at ", address_, " (", *why,
                   "); start one with caviar up, or say where it is with --server HOST:PORT or "
                   "CAVIAR_SERVER"));
}

SearchClient::Calls::Context::Context(Calls& calls)
    : calls_(calls), outer_(calls.Enter(&context_)) {}

SearchClient::Calls::Context::~Context() { calls_.Enter(outer_); }

grpc::ClientContext* SearchClient::Calls::Enter(grpc::ClientContext* context) {
  const MutexLock lock(&mutex_);
  if (is_cancelled_ && context != nullptr) context->TryCancel();
  return std::exchange(current_, context);
}

}  // namespace caviar::cli
