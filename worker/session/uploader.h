// Puts artifacts to the coordinator in the background, so that neither training nor heartbeats wait
// for a slow link or disk. One try each; the session core decides about trying again.
//
// Threads:   Start belongs to the driver's thread.
// Ownership: transport and inbox must outlive it; destruction cancels what is under way.
#ifndef CAVIAR_WORKER_SESSION_UPLOADER_H_
#define CAVIAR_WORKER_SESSION_UPLOADER_H_

#include <deque>
#include <stop_token>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/sync/mutex.h"
#include "worker/session/artifact_client.h"
#include "worker/session/inbox.h"
#include "worker/session/session_effects.h"

namespace caviar::session {

class Uploader {
 public:
  // At once: hides each other's waiting for the coordinator's disk.
  static constexpr int kThreads = 4;

  Uploader(ArtifactTransport& transport, Inbox& inbox);
  ~Uploader();
  Uploader(const Uploader&) = delete;
  Uploader& operator=(const Uploader&) = delete;

  // Answered by ArtifactUploaded or UploadFailed in the inbox. The core bounds the queue: at most
  // two artifacts an attempt are under way.
  void Start(UploadArtifact upload);

 private:
  void Run();

  ArtifactTransport& transport_;
  Inbox& inbox_;
  std::stop_source stop_;
  Mutex mutex_;
  CondVar has_work_;
  bool is_closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<UploadArtifact> queue_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_UPLOADER_H_
