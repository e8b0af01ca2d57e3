#include "worker/session/uploader.h"

#include <utility>

namespace caviar::session {

Uploader::Uploader(ArtifactTransport& transport, Inbox& inbox)
    : transport_(transport), inbox_(inbox) {
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { Run(); });
}

Uploader::~Uploader() {
  {
    MutexLock lock(&mutex_);
    is_closing_ = true;
    has_work_.NotifyAll();
  }
  stop_.request_stop();
  for (std::thread& thread : threads_) thread.join();
}

void Uploader::Start(UploadArtifact upload) {
  MutexLock lock(&mutex_);
  queue_.push_back(std::move(upload));
  has_work_.NotifyOne();
}

void Uploader::Run() {
  for (;;) {
    UploadArtifact upload;
    {
      MutexLock lock(&mutex_);
      while (!is_closing_ && queue_.empty()) has_work_.Wait(&mutex_);
      if (is_closing_) return;
      upload = std::move(queue_.front());
      queue_.pop_front();
    }
    const absl::Status status = transport_.Put(upload.artifact, stop_.get_token());
    if (status.ok()) {
      inbox_.Post(ArtifactUploaded{upload.attempt, upload.artifact.digest});
    } else {
      inbox_.Post(UploadFailed{upload.attempt, upload.artifact.digest, status});
    }
  }
}

}  // namespace caviar::session
