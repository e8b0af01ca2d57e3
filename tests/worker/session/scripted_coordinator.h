// A WorkerService on a loopback port that says what a test tells it to and shows what it heard.
#ifndef CAVIAR_TESTS_WORKER_SESSION_SCRIPTED_COORDINATOR_H_
#define CAVIAR_TESTS_WORKER_SESSION_SCRIPTED_COORDINATOR_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "caviar/v1/worker_service.grpc.pb.h"
#include "common/digest/sha256.h"
#include "common/rpc/server_options.h"
#include "common/sync/mutex.h"

namespace caviar::session {

class ScriptedCoordinator : public v1::WorkerService::Service {
 public:
  using Stream = grpc::ServerReaderWriter<v1::CoordinatorMessage, v1::WorkerMessage>;

  ScriptedCoordinator() { Listen(0); }
  ~ScriptedCoordinator() override { Shutdown(); }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  // ---- What the test does ----

  void Shutdown() {
    if (!server_) return;
    server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
  }
  // The same port again, as a coordinator that restarts.
  void Restart() {
    Shutdown();
    Listen(port_);
  }
  void Send(const v1::CoordinatorMessage& message) {
    MutexLock lock(&mutex_);
    while (stream_ == nullptr) changed_.Wait(&mutex_);
    stream_->Write(message);
  }
  // Waits for the next message of that kind; earlier ones of other kinds are dropped.
  v1::WorkerMessage WaitFor(v1::WorkerMessage::KindCase kind) {
    MutexLock lock(&mutex_);
    for (;;) {
      while (messages_.empty()) changed_.Wait(&mutex_);
      const v1::WorkerMessage message = std::move(messages_.front());
      messages_.pop_front();
      if (message.kind_case() == kind) return message;
    }
  }
  // Answers the next Register.
  v1::Register Welcome(const std::vector<v1::DesiredAttempt>& attempts = {}) {
    const v1::Register registered = WaitFor(v1::WorkerMessage::kRegister).register_();
    v1::CoordinatorMessage answer;
    answer.mutable_registered()->set_protocol(1);
    for (const auto& attempt : attempts) *answer.mutable_registered()->add_attempts() = attempt;
    Send(answer);
    return registered;
  }
  std::string AddArtifact(const std::string& bytes) {
    MutexLock lock(&mutex_);
    const std::string digest = Sha256Hex(bytes);
    artifacts_[digest] = bytes;
    return digest;
  }
  std::string ArtifactBytes(const std::string& digest) {
    MutexLock lock(&mutex_);
    return artifacts_[digest];
  }
  // The next GetArtifact ends after its first chunk.
  void BreakNextGet() {
    MutexLock lock(&mutex_);
    breaks_next_get_ = true;
  }
  std::vector<uint64_t> get_offsets() {
    MutexLock lock(&mutex_);
    return get_offsets_;
  }

  // ---- The service ----

  grpc::Status Session(grpc::ServerContext*, Stream* stream) override {
    {
      MutexLock lock(&mutex_);
      stream_ = stream;
      changed_.NotifyAll();
    }
    v1::WorkerMessage message;
    while (stream->Read(&message)) {
      MutexLock lock(&mutex_);
      messages_.push_back(message);
      changed_.NotifyAll();
    }
    MutexLock lock(&mutex_);
    if (stream_ == stream) stream_ = nullptr;
    return grpc::Status::OK;
  }

  grpc::Status GetArtifact(grpc::ServerContext*, const v1::GetArtifactRequest* request,
                           grpc::ServerWriter<v1::ArtifactChunk>* writer) override {
    std::string bytes;
    bool breaks;
    {
      MutexLock lock(&mutex_);
      get_offsets_.push_back(request->offset());
      breaks = std::exchange(breaks_next_get_, false);
      const auto found = artifacts_.find(request->digest());
      if (found == artifacts_.end()) return {grpc::StatusCode::NOT_FOUND, "no such artifact"};
      bytes = found->second;
    }
    v1::ArtifactChunk chunk;
    chunk.set_total_bytes(bytes.size());
    for (uint64_t at = request->offset(); at < bytes.size(); at += kChunkBytesMax) {
      chunk.set_data(bytes.substr(at, kChunkBytesMax));
      writer->Write(chunk);
      chunk.clear_total_bytes();
      if (breaks) return {grpc::StatusCode::UNAVAILABLE, "broke"};
    }
    return grpc::Status::OK;
  }

  grpc::Status PutArtifact(grpc::ServerContext*, grpc::ServerReader<v1::PutArtifactRequest>* reader,
                           v1::PutArtifactResponse*) override {
    v1::PutArtifactRequest request;
    std::string digest, bytes;
    while (reader->Read(&request)) {
      if (!request.digest().empty()) digest = request.digest();
      bytes += request.data();
    }
    if (Sha256Hex(bytes) != digest) return {grpc::StatusCode::DATA_LOSS, "other bytes"};
    MutexLock lock(&mutex_);
    artifacts_[digest] = bytes;
    return grpc::Status::OK;
  }

 private:
  void Listen(int port) {
    grpc::ServerBuilder builder;
    ApplyServerOptions(builder);
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", port), grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    if (!server_) abort();
  }

  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  Mutex mutex_;
  CondVar changed_;
  Stream* stream_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::deque<v1::WorkerMessage> messages_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::string> artifacts_ ABSL_GUARDED_BY(mutex_);
  bool breaks_next_get_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<uint64_t> get_offsets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace caviar::session

#endif  // CAVIAR_TESTS_WORKER_SESSION_SCRIPTED_COORDINATOR_H_
