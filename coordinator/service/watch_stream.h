// One WatchJob call: pulls what is new through the driver, writes it, and waits to be woken.
//
// Threads:   Pull and Close are thread-safe; the rest is gRPC's and the pools'.
// Ownership: gRPC and the hub share it; it is in the hub until it closes.
#ifndef CAVIAR_COORDINATOR_SERVICE_WATCH_STREAM_H_
#define CAVIAR_COORDINATOR_SERVICE_WATCH_STREAM_H_

#include <grpcpp/support/server_callback.h>

#include <deque>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "caviar/v1/search_service.pb.h"
#include "common/sync/mutex.h"
#include "coordinator/service/call_counter.h"
#include "coordinator/service/service_parts.h"
#include "coordinator/service/watch_feed.h"
#include "coordinator/service/watch_hub.h"

namespace caviar::service {

class WatchStream final : public grpc::ServerWriteReactor<v1::JobUpdate>,
                          public Watcher,
                          public std::enable_shared_from_this<WatchStream> {
 public:
  static WatchStream* Start(const ServiceParts& parts, const v1::WatchJobRequest& request);

  void Pull() override;
  void Close(const absl::Status& why) override;

 private:
  explicit WatchStream(const ServiceParts& parts) : token_(parts.calls.Start()), parts_(parts) {}

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  // On the driver's thread: finds the job and joins the hub.
  absl::Status Join(const v1::WatchJobRequest& request, const driver::Driver::View& view);
  void Send(absl::StatusOr<WatchFeed::Piece> piece);
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CloseLocked(const absl::Status& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const CallCounter::Token token_;
  const ServiceParts parts_;
  std::shared_ptr<WatchStream> self_;  // until OnDone: gRPC's share of this object
  std::optional<WatchFeed> feed_;      // the driver's thread alone

  Mutex mutex_;
  std::optional<WatchHub::WatcherId> id_ ABSL_GUARDED_BY(mutex_);
  WatchFeed::Piece piece_ ABSL_GUARDED_BY(mutex_);
  size_t written_ ABSL_GUARDED_BY(mutex_) = 0;  // updates of piece_
  bool is_writing_ ABSL_GUARDED_BY(mutex_) = false;
  // Finish waits for the write in flight.
  bool is_closed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status why_closed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_WATCH_STREAM_H_
