#include "tests/coordinator/service/fake_worker.h"

#include <gtest/gtest.h>

namespace caviar::service {

FakeWorker::FakeWorker(TestCoordinator& coordinator)
    : context_(Context()), stream_(coordinator.worker().Session(context_.get())) {}

FakeWorker::~FakeWorker() {
  if (has_ended_) return;
  context_->TryCancel();
  AwaitEnd();
}

v1::Registered FakeWorker::Register(absl::string_view id, uint32_t incarnation, uint32_t slots) {
  v1::WorkerMessage message;
  v1::Register& hello = *message.mutable_register_();
  hello.set_protocol_min(1);
  hello.set_protocol_max(1);
  hello.set_worker_id(std::string(id));
  hello.set_incarnation(incarnation);
  hello.set_name(std::string(id));
  hello.set_slots(slots);
  Send(message);
  return ReceiveKind(v1::CoordinatorMessage::kRegistered).registered();
}

void FakeWorker::SendMeasurements(const v1::AttemptId& attempt, uint32_t sequence,
                                  uint32_t first_epoch, int epochs) {
  v1::WorkerMessage message;
  v1::MeasurementBatch& batch = *message.mutable_measurements();
  *batch.mutable_id() = attempt;
  batch.set_sequence(sequence);
  for (const char* metric : {"train_loss", "validation_accuracy", "seconds"}) {
    batch.add_metrics(metric);
  }
  for (int i = 0; i < epochs; ++i) {
    const uint32_t epoch = first_epoch + static_cast<uint32_t>(i);
    v1::MeasurementRow& row = *batch.add_rows();
    row.set_epoch(epoch);
    row.add_values(1.0 / epoch);
    row.add_values(1.0 - 0.5 / epoch);
    row.add_values(0.1);
  }
  Send(message);
}

void FakeWorker::SendFinished(const v1::AttemptId& attempt, uint32_t final_sequence,
                              absl::string_view model_digest) {
  v1::WorkerMessage message;
  v1::AttemptFinished& finished = *message.mutable_finished();
  *finished.mutable_id() = attempt;
  finished.set_outcome(v1::AttemptFinished::COMPLETED);
  finished.set_final_sequence(final_sequence);
  finished.set_model_digest(std::string(model_digest));
  (*finished.mutable_final_metrics())["test_accuracy"] = 0.75;
  (*finished.mutable_final_metrics())["test_loss"] = 0.5;
  Send(message);
}

v1::CoordinatorMessage FakeWorker::Receive() {
  v1::CoordinatorMessage message;
  if (!stream_->Read(&message)) {
    ADD_FAILURE() << "the session ended: " << AwaitEnd().error_message();
    message.Clear();
  }
  return message;
}

v1::CoordinatorMessage FakeWorker::ReceiveKind(v1::CoordinatorMessage::KindCase kind) {
  while (true) {
    v1::CoordinatorMessage message = Receive();
    if (message.kind_case() == kind ||
        message.kind_case() == v1::CoordinatorMessage::KIND_NOT_SET) {
      return message;
    }
  }
}

void FakeWorker::Complete(const v1::Assign& assign) {
  uint32_t sequence = 0;
  for (uint32_t epoch = assign.from_epoch() + 1; epoch <= assign.until_epoch(); ++epoch) {
    SendMeasurements(assign.id(), ++sequence, epoch);
  }
  SendFinished(assign.id(), sequence);
  ReceiveKind(v1::CoordinatorMessage::kFinishAck);
}

grpc::Status FakeWorker::End() {
  stream_->WritesDone();
  return AwaitEnd();
}

grpc::Status FakeWorker::DrainAndEnd() {
  v1::WorkerMessage message;
  message.mutable_draining();
  Send(message);
  return End();
}

grpc::Status FakeWorker::AwaitEnd() {
  if (has_ended_) return grpc::Status(grpc::StatusCode::INTERNAL, "it has ended before");
  has_ended_ = true;
  v1::CoordinatorMessage message;
  while (stream_->Read(&message)) {
  }
  return stream_->Finish();
}

}  // namespace caviar::service
