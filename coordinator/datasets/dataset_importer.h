// Imports finished uploads into artifacts, one after the other on a thread of its own, so that
// neither gRPC's threads nor the driver ever wait for a parser.
//
// Threads:    thread-safe. AboutToStore and Done functions run on the importer's thread and must
// not block it. Ownership:  the artifact store outlives the importer; spools belong to the importer
// from Import
//             on and are removed before Done is called. Uploads may outlive the importer.
// Durability: an answered data set's artifact survives power loss.
// Errors:     Import: kInvalidArgument for a bad name or missing files, kResourceExhausted when too
//             many imports wait, kUnavailable after Stop. Done: what ImportDataset says,
//             kUnavailable for what Stop cut short.
#ifndef CAVIAR_COORDINATOR_DATASETS_DATASET_IMPORTER_H_
#define CAVIAR_COORDINATOR_DATASETS_DATASET_IMPORTER_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "caviar/v1/dataset.pb.h"
#include "caviar/v1/search_service.pb.h"
#include "common/sync/mutex.h"
#include "coordinator/datasets/upload_spool.h"
#include "coordinator/store/artifact_store.h"

namespace caviar::datasets {

struct ImporterOptions {
  // Where uploads are kept until they are imported. Created if missing; what an earlier process
  // left in it is removed, so it must belong to this importer alone.
  std::string spool_directory;
  uint64_t upload_bytes_max = kUploadBytesMax;
  // Uploads that exist at once, waiting imports among them: bounds the disk that strangers fill.
  int uploads_max = 16;
};

class DatasetImporter {
 public:
  // A data set complete but for created_at.
  using Done = std::function<void(absl::StatusOr<v1::Dataset>)>;
  // Called with the data set's digest before its artifact is stored, so that nobody who removes
  // artifacts takes it in the time between that and Done.
  using AboutToStore = std::function<void(const std::string& digest)>;

  static absl::StatusOr<std::unique_ptr<DatasetImporter>> Start(const ImporterOptions& options,
                                                                store::ArtifactStore& artifacts);
  // Stops.
  ~DatasetImporter();
  DatasetImporter(const DatasetImporter&) = delete;
  DatasetImporter& operator=(const DatasetImporter&) = delete;

  // An empty spool. kResourceExhausted when there are uploads_max already.
  absl::StatusOr<std::unique_ptr<UploadSpool>> NewUpload();

  // Finishes the upload and queues it. An OK answer means that `done` will be called once, after
  // `about_to_store` if there was something to store.
  absl::Status Import(std::unique_ptr<UploadSpool> upload,
                      const v1::CreateDatasetRequest::Start& start, AboutToStore about_to_store,
                      Done done);

  // Cuts the running import short, answers those that wait, and ends the thread. Idempotent.
  void Stop();

 private:
  struct Task {
    std::unique_ptr<UploadSpool> upload;
    v1::ImportSettings settings;
    std::string name;
    AboutToStore about_to_store;
    Done done;
  };

  DatasetImporter(const ImporterOptions& options, store::ArtifactStore& artifacts);
  void Loop();
  absl::StatusOr<v1::Dataset> Run(const Task& task);

  const ImporterOptions options_;
  store::ArtifactStore& artifacts_;
  const std::shared_ptr<std::atomic<int>> open_uploads_;
  std::atomic<uint64_t> uploads_made_ = 0;
  std::atomic<bool> is_stopping_ = false;  // also read inside imports; written under mutex_

  Mutex mutex_;
  CondVar changed_;
  std::deque<Task> waiting_ ABSL_GUARDED_BY(mutex_);
  Mutex join_mutex_;  // several callers of Stop
  std::thread thread_ ABSL_GUARDED_BY(join_mutex_);
};

}  // namespace caviar::datasets

#endif  // CAVIAR_COORDINATOR_DATASETS_DATASET_IMPORTER_H_
