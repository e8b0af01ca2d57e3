#include "coordinator/datasets/dataset_importer.h"

#include <filesystem>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/data/import.h"
#include "common/file/directory.h"
#include "common/file/durable_file.h"
#include "common/status/status_macros.h"
#include "coordinator/datasets/dataset_name.h"

namespace caviar::datasets {
namespace {

absl::Status Closing() {
  return absl::UnavailableError("the coordinator is closing; send the data set again later");
}

}  // namespace

absl::StatusOr<std::unique_ptr<DatasetImporter>> DatasetImporter::Start(
    const ImporterOptions& options, store::ArtifactStore& artifacts) {
  CAVIAR_RETURN_IF_ERROR(CreateDirectories(options.spool_directory));
  CAVIAR_RETURN_IF_ERROR(EmptyDirectory(options.spool_directory));
  std::unique_ptr<DatasetImporter> importer(new DatasetImporter(options, artifacts));
  MutexLock lock(&importer->join_mutex_);
  importer->thread_ = std::thread([self = importer.get()] { self->Loop(); });
  return importer;
}

DatasetImporter::DatasetImporter(const ImporterOptions& options, store::ArtifactStore& artifacts)
    : options_(options),
      artifacts_(artifacts),
      open_uploads_(std::make_shared<std::atomic<int>>(0)) {}

DatasetImporter::~DatasetImporter() { Stop(); }

absl::StatusOr<std::unique_ptr<UploadSpool>> DatasetImporter::NewUpload() {
  // Counted before the look, so that of many who come together none is too many.
  const bool is_full = open_uploads_->fetch_add(1) >= options_.uploads_max;
  std::shared_ptr<void> slot(nullptr, [count = open_uploads_](void*) { --*count; });
  if (is_full) {
    return absl::ResourceExhaustedError(
        absl::StrCat("there are ", options_.uploads_max,
                     " uploads and imports under way already; try again later"));
  }
  return UploadSpool::Create(absl::StrCat(options_.spool_directory, "/", uploads_made_++),
                             options_.upload_bytes_max, std::move(slot));
}

absl::Status DatasetImporter::Import(std::unique_ptr<UploadSpool> upload,
                                     const v1::CreateDatasetRequest::Start& start,
                                     AboutToStore about_to_store, Done done) {
  if (is_stopping_) return Closing();
  CAVIAR_RETURN_IF_ERROR(upload->Finish());
  Task task;
  CAVIAR_ASSIGN_OR_RETURN(task.name, DatasetName(start.name(), upload->files().data.name));
  task.upload = std::move(upload);
  task.settings = start.settings();
  task.about_to_store = std::move(about_to_store);
  task.done = std::move(done);
  MutexLock lock(&mutex_);
  if (is_stopping_) return Closing();
  // Bounded by uploads_max: each waiting task holds an upload.
  waiting_.push_back(std::move(task));
  changed_.NotifyAll();
  return absl::OkStatus();
}

void DatasetImporter::Stop() {
  {
    MutexLock lock(&mutex_);
    is_stopping_ = true;
    changed_.NotifyAll();
  }
  MutexLock lock(&join_mutex_);
  if (thread_.joinable()) thread_.join();
}

void DatasetImporter::Loop() {
  for (;;) {
    std::optional<Task> task;
    {
      MutexLock lock(&mutex_);
      while (waiting_.empty() && !is_stopping_) changed_.Wait(&mutex_);
      if (waiting_.empty()) return;
      task = std::move(waiting_.front());
      waiting_.pop_front();
    }
    absl::StatusOr<v1::Dataset> dataset = is_stopping_ ? Closing() : Run(*task);
    if (absl::IsCancelled(dataset.status())) dataset = Closing();
    task->upload.reset();
    task->done(std::move(dataset));
  }
}

absl::StatusOr<v1::Dataset> DatasetImporter::Run(const Task& task) {
  data::ImportFiles files = task.upload->files();
  for (data::InputFile* file : {&files.data, &files.labels, &files.test_data, &files.test_labels}) {
    file->is_cancelled = &is_stopping_;
  }
  const std::string scratch = artifacts_.TemporaryPath();
  const auto remover = absl::MakeCleanup([&scratch] {
    std::error_code ignored;  // adopted, or never made
    std::filesystem::remove(scratch, ignored);
  });
  // The importer's bounds leave room for doubt on a small machine; one user's file must not end the
  // coordinator.
  try {
    CAVIAR_ASSIGN_OR_RETURN(v1::Dataset dataset,
                            data::ImportDataset(files, task.settings, scratch));
    task.about_to_store(dataset.digest());
    CAVIAR_ASSIGN_OR_RETURN(const std::string digest, artifacts_.Adopt(scratch));
    if (digest != dataset.digest()) {
      return absl::DataLossError(absl::StrCat("the data set was written as ", dataset.digest(),
                                              " but read back as ", digest));
    }
    dataset.set_name(task.name);
    return dataset;
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(
        absl::StrCat(files.data.name, ": the coordinator has too little memory to import it"));
  }
}

}  // namespace caviar::datasets
