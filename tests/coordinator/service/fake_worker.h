// A worker that speaks the raw protocol and does just what it is told, also what no honest worker
// would do.
//
// Threads: one owner.
#ifndef CAVIAR_TESTS_COORDINATOR_SERVICE_FAKE_WORKER_H_
#define CAVIAR_TESTS_COORDINATOR_SERVICE_FAKE_WORKER_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/coordinator/service/test_coordinator.h"

namespace caviar::service {

class FakeWorker {
 public:
  // Opens a session and says nothing yet.
  explicit FakeWorker(TestCoordinator& coordinator);
  // Breaks the link if the session has not ended.
  ~FakeWorker();

  bool Send(const v1::WorkerMessage& message) { return stream_->Write(message); }
  // Registers and returns the answer. The same `id` with a larger incarnation supersedes.
  v1::Registered Register(absl::string_view id, uint32_t incarnation, uint32_t slots);
  // Messages of one batch, epochs `first`.. of `attempt`, validation_accuracy rising with them.
  void SendMeasurements(const v1::AttemptId& attempt, uint32_t sequence, uint32_t first_epoch,
                        int epochs = 1);
  void SendFinished(const v1::AttemptId& attempt, uint32_t final_sequence,
                    absl::string_view model_digest = "");

  // The next message; fails the test (kind not set) when the session ends instead.
  v1::CoordinatorMessage Receive();
  // The next message of this kind; others are skipped.
  v1::CoordinatorMessage ReceiveKind(v1::CoordinatorMessage::KindCase kind);
  // Trains an assigned trial to its end: each epoch a batch, then finished and acknowledged.
  void Complete(const v1::Assign& assign);

  // Says that it sends no more, and returns how the coordinator ended the session.
  grpc::Status End();
  // Says before that it drains, as a worker does that leaves.
  grpc::Status DrainAndEnd();
  // Reads until the coordinator ends the session by itself.
  grpc::Status AwaitEnd();

 private:
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReaderWriterInterface<v1::WorkerMessage, v1::CoordinatorMessage>>
      stream_;
  bool has_ended_ = false;
};

}  // namespace caviar::service

#endif  // CAVIAR_TESTS_COORDINATOR_SERVICE_FAKE_WORKER_H_
