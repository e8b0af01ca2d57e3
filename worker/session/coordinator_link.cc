#include "worker/session/coordinator_link.h"

#include <grpcpp/grpcpp.h>

#include <deque>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "caviar/v1/worker_service.grpc.pb.h"
#include "common/rpc/status_conversion.h"
#include "common/sync/mutex.h"

namespace caviar::session {

struct CoordinatorLink::State {
  using Stream = grpc::ClientReaderWriter<v1::WorkerMessage, v1::CoordinatorMessage>;

  State(std::shared_ptr<grpc::Channel> channel, uint64_t link, Inbox& inbox)
      : link(link), inbox(inbox), service(v1::WorkerService::NewStub(std::move(channel))) {}

  void Read();
  void Write();
  bool is_posting() {
    MutexLock lock(&mutex);
    return !is_closed;
  }

  const uint64_t link;
  Inbox& inbox;
  const std::unique_ptr<v1::WorkerService::Stub> service;
  grpc::ClientContext context;
  std::unique_ptr<Stream> stream;
  Mutex mutex;
  CondVar changed;
  std::deque<v1::WorkerMessage> queue ABSL_GUARDED_BY(mutex);
  bool is_closed ABSL_GUARDED_BY(mutex) = false;    // by us
  bool has_ended ABSL_GUARDED_BY(mutex) = false;    // nothing more can be read
  bool is_finished ABSL_GUARDED_BY(mutex) = false;  // both threads have left the stream
  std::thread reader;
  std::thread writer;
};

void CoordinatorLink::State::Read() {
  v1::CoordinatorMessage message;
  while (stream->Read(&message)) {
    if (is_posting()) inbox.Post(MessageReceived{link, std::move(message)});
    message = v1::CoordinatorMessage();
  }
  {
    MutexLock lock(&mutex);
    has_ended = true;
    changed.NotifyAll();
  }
  // Finish must come after the last Write.
  writer.join();
  const absl::Status status = FromGrpcStatus(stream->Finish());
  if (is_posting()) inbox.Post(LinkLost{link, status});
  MutexLock lock(&mutex);
  is_finished = true;
  changed.NotifyAll();
}

void CoordinatorLink::State::Write() {
  for (;;) {
    v1::WorkerMessage message;
    {
      MutexLock lock(&mutex);
      while (queue.empty() && !is_closed && !has_ended) changed.Wait(&mutex);
      if (has_ended || queue.empty()) break;
      message = std::move(queue.front());
      queue.pop_front();
    }
    if (!stream->Write(message)) return;
  }
  stream->WritesDone();
}

CoordinatorLink::CoordinatorLink(std::shared_ptr<grpc::Channel> channel, uint64_t link,
                                 Inbox& inbox)
    : state_(std::make_unique<State>(std::move(channel), link, inbox)) {
  State& state = *state_;
  state.reader = std::thread([&state] {
    // Dialling may wait for a name server: not on the driver's thread.
    state.stream = state.service->Session(&state.context);
    state.writer = std::thread([&state] { state.Write(); });
    state.Read();
  });
}

CoordinatorLink::~CoordinatorLink() {
  Close();
  Cancel();
  state_->reader.join();
}

void CoordinatorLink::Send(v1::WorkerMessage message) {
  MutexLock lock(&state_->mutex);
  state_->queue.push_back(std::move(message));
  state_->changed.NotifyAll();
}

void CoordinatorLink::Close() {
  MutexLock lock(&state_->mutex);
  state_->is_closed = true;
  state_->changed.NotifyAll();
}

void CoordinatorLink::Cancel() { state_->context.TryCancel(); }

bool CoordinatorLink::has_ended() const {
  MutexLock lock(&state_->mutex);
  return state_->is_finished;
}

void CoordinatorLink::AwaitEnd(absl::Duration longest) const {
  MutexLock lock(&state_->mutex);
  if (!state_->is_finished) state_->changed.WaitFor(&state_->mutex, longest);
}

}  // namespace caviar::session
