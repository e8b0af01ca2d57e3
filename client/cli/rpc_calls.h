// What all calls of SearchClient share: the stub, deadlines, repetition, back-off, cancellation.
// Included by search_client.cc and its transfer half only: it brings gRPC's headers.
//
// Threads: Cancel() from any thread; all else on one.
#ifndef CAVIAR_CLIENT_CLI_RPC_CALLS_H_
#define CAVIAR_CLIENT_CLI_RPC_CALLS_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "caviar/v1/search_service.grpc.pb.h"
#include "client/cli/search_client.h"
#include "common/status/status_macros.h"
#include "common/sync/mutex.h"

namespace caviar::cli {

// Grows with each failure, with jitter so that many clients do not return at once.
class BackOff {
 public:
  BackOff(absl::Duration first, absl::Duration longest) : next_(first), longest_(longest) {}
  absl::Duration Next();

 private:
  absl::Duration next_;
  absl::Duration longest_;
};

class SearchClient::Calls {
 public:
  using Stub = v1::SearchService::Stub;

  // An answer that takes longer will not come.
  static constexpr std::chrono::seconds kUnaryTimeout{30};

  explicit Calls(std::string address);

  Stub& stub() { return *stub_; }

  void Close() { stub_.reset(); }
  void Cancel();
  bool is_cancelled();
  // False when cancelled meanwhile.
  bool Sleep(absl::Duration duration);

  // gRPC's words for a coordinator that is not there, as a person needs them.
  absl::Status ToStatus(const grpc::Status& status, std::chrono::seconds timeout = kUnaryTimeout);

  // The context of one call, known to Cancel() while it lives. One call may be made while another
  // is under way: Cancel() ends the inner one, and the outer one when the inner has ended.
  class Context {
   public:
    explicit Context(Calls& calls);
    ~Context();
    grpc::ClientContext* get() { return &context_; }

   private:
    Calls& calls_;
    grpc::ClientContext context_;
    grpc::ClientContext* const outer_;
  };

  // One unary call; a repeatable one is repeated while the coordinator cannot be reached.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Unary(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                              Response*),
                                 const Request& request, bool is_repeatable = true,
                                 std::chrono::seconds timeout = kUnaryTimeout) {
    BackOff back_off(kFirstPause, kLongestPause);
    for (int attempt = 1;; ++attempt) {
      Response response;
      absl::Status status;
      {
        Context context(*this);
        context.get()->set_deadline(std::chrono::system_clock::now() + timeout);
        status = ToStatus((stub_.get()->*method)(context.get(), request, &response), timeout);
      }
      if (status.ok()) return response;
      if (!absl::IsUnavailable(status) || !is_repeatable || attempt == kAttemptsMax ||
          !Sleep(back_off.Next())) {
        return status;
      }
    }
  }

  // Enough to outlast a hiccup, little enough that "cannot connect" comes within two seconds.
  static constexpr int kAttemptsMax = 4;
  static constexpr absl::Duration kFirstPause = absl::Milliseconds(250);
  static constexpr absl::Duration kLongestPause = absl::Seconds(5);

 private:
  // Makes `context` the one that Cancel() ends; returns the one before.
  grpc::ClientContext* Enter(grpc::ClientContext* context);

  const std::string address_;
  std::unique_ptr<Stub> stub_;  // null once closed
  Mutex mutex_;
  CondVar cancelled_;
  bool is_cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* current_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_RPC_CALLS_H_
