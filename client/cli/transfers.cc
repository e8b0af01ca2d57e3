// The streaming half of SearchClient: data sets up, models down.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "client/cli/rpc_calls.h"
#include "common/digest/sha256.h"
#include "common/file/durable_file.h"
#include "common/rpc/server_options.h"

namespace caviar::cli {
namespace {

using Chunk = v1::CreateDatasetRequest::Chunk;
using Role = v1::CreateDatasetRequest::Role;

struct UploadFile {
  Role role;
  std::string path;
};

std::vector<UploadFile> FilesOf(const v1::DataSource& source) {
  std::vector<UploadFile> files;
  for (const UploadFile& file : {
           UploadFile{v1::CreateDatasetRequest::DATA, source.path()},
           UploadFile{v1::CreateDatasetRequest::LABELS, source.labels_path()},
           UploadFile{v1::CreateDatasetRequest::TEST_DATA, source.test_path()},
           UploadFile{v1::CreateDatasetRequest::TEST_LABELS, source.test_labels_path()},
       }) {
    if (!file.path.empty()) files.push_back(file);
  }
  return files;
}

// OK also when the coordinator has stopped listening: then Finish() says why.
absl::Status SendFile(const UploadFile& file,
                      grpc::ClientWriter<v1::CreateDatasetRequest>& writer) {
  const int fd = open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", file.path));
  const auto closer = absl::MakeCleanup([fd] { close(fd); });
  std::string bytes(kChunkBytesMax, '\0');
  for (bool is_first = true;; is_first = false) {
    ssize_t count = 0;
    do {
      count = read(fd, bytes.data(), bytes.size());
    } while (count < 0 && errno == EINTR);
    if (count < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", file.path));
    // An empty file still says its name: the importer has the words for it.
    if (count == 0 && !is_first) return absl::OkStatus();
    v1::CreateDatasetRequest request;
    Chunk& chunk = *request.mutable_chunk();
    chunk.set_role(file.role);
    if (is_first) chunk.set_file_name(std::filesystem::path(file.path).filename().string());
    chunk.set_data(bytes.data(), static_cast<size_t>(count));
    if (!writer.Write(request)) return absl::OkStatus();
  }
}

// Collects a model beside its final path, and moves it there once it is whole.
class ModelFile {
 public:
  explicit ModelFile(const std::string& path) : path_(path) {}
  ~ModelFile() {
    if (!part_.empty()) unlink(part_.c_str());
  }

  absl::Status Open() {
    part_ = NewTemporaryName(path_);
    stream_.open(part_, std::ios::binary | std::ios::trunc);
    return Check();
  }
  absl::Status Append(const v1::ModelChunk& chunk) {
    if (!chunk.digest().empty()) {
      saved_.trial = chunk.trial();
      digest_ = chunk.digest();
    }
    hash_.Update(chunk.data());
    saved_.bytes += chunk.data().size();
    stream_.write(chunk.data().data(), static_cast<std::streamsize>(chunk.data().size()));
    return Check();
  }
  absl::StatusOr<SavedModel> Finish() {
    stream_.close();
    CAVIAR_RETURN_IF_ERROR(Check());
    if (hash_.HexDigest() != digest_) {
      return absl::DataLossError(
          absl::StrCat("the coordinator's copy of the model of trial ", saved_.trial,
                       " is damaged: its bytes do not have the SHA-256 ", digest_,
                       " that it should have; take another trial's with caviar model --trial N, or "
                       "train again"));
    }
    CAVIAR_RETURN_IF_ERROR(RenameDurably(part_, path_));
    part_.clear();
    return saved_;
  }

 private:
  absl::Status Check() {
    if (stream_.good() || (!stream_.is_open() && !stream_.fail())) return absl::OkStatus();
    return absl::ErrnoToStatus(errno == 0 ? EIO : errno, absl::StrCat("cannot write ", part_));
  }

  const std::string path_;
  std::string part_;  // this object's own file while there is one
  std::ofstream stream_;
  Sha256 hash_;
  std::string digest_;
  SavedModel saved_;
};

}  // namespace

absl::StatusOr<v1::Dataset> SearchClient::CreateDataset(const DatasetUpload& upload) {
  Calls::Context context(*calls_);
  v1::Dataset dataset;
  const auto writer = calls_->stub().CreateDataset(context.get(), &dataset);
  v1::CreateDatasetRequest start;
  start.mutable_start()->set_name(upload.name);
  start.mutable_start()->set_reuse_identical(upload.reuse_identical);
  *start.mutable_start()->mutable_settings() = upload.source.settings();
  if (writer->Write(start)) {
    for (const UploadFile& file : FilesOf(upload.source)) {
      const absl::Status sent = SendFile(file, *writer);
      if (!sent.ok()) {
        context.get()->TryCancel();
        writer->Finish();
        return sent;
      }
    }
    v1::CreateDatasetRequest end;
    end.mutable_end();
    writer->WriteLast(end, grpc::WriteOptions());
  }
  CAVIAR_RETURN_IF_ERROR(calls_->ToStatus(writer->Finish()));
  return dataset;
}

absl::StatusOr<SavedModel> SearchClient::SaveModel(absl::string_view job, uint32_t trial,
                                                   const std::string& path) {
  v1::GetModelRequest request;
  request.set_job(std::string(job));
  request.set_trial(trial);
  BackOff back_off(Calls::kFirstPause, Calls::kLongestPause);
  for (int attempt = 1;; ++attempt) {
    ModelFile file(path);
    absl::Status status;
    {
      Calls::Context context(*calls_);
      const auto reader = calls_->stub().GetModel(context.get(), request);
      v1::ModelChunk chunk;
      bool is_open = false;
      while (status.ok() && reader->Read(&chunk)) {
        // Only now: a job without model should not leave or touch a file.
        if (!is_open) status = file.Open();
        is_open = true;
        if (status.ok()) status = file.Append(chunk);
      }
      if (!status.ok()) {
        context.get()->TryCancel();
        reader->Finish();
        return status;
      }
      status = calls_->ToStatus(reader->Finish());
    }
    if (status.ok()) return file.Finish();
    if (!absl::IsUnavailable(status) || attempt == Calls::kAttemptsMax ||
        !calls_->Sleep(back_off.Next())) {
      return status;
    }
  }
}

}  // namespace caviar::cli
