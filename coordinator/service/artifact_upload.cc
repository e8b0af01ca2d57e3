#include "coordinator/service/artifact_upload.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest/sha256.h"
#include "common/rpc/status_conversion.h"
#include "common/status/status_macros.h"

namespace caviar::service {

ArtifactUpload* ArtifactUpload::Start(const ServiceParts& parts) {
  std::shared_ptr<ArtifactUpload> upload(new ArtifactUpload(parts));
  upload->self_ = upload;
  MutexLock lock(&upload->mutex_);
  upload->StartRead(&upload->incoming_);
  return upload.get();
}

void ArtifactUpload::OnReadDone(bool ok) {
  // Shares this: after Finish gRPC may be done with it at any moment.
  parts_.io.Run([self = self_, ok] {
    MutexLock lock(&self->mutex_);
    const absl::Status done = ok ? self->Append() : self->Complete();
    if (!ok || !done.ok()) {
      self->writer_.reset();
      return self->Finish(ToGrpcStatus(done));
    }
    self->StartRead(&self->incoming_);
  });
}

absl::Status ArtifactUpload::Append() {
  if (writer_ == nullptr) {
    if (!IsSha256Hex(incoming_.digest())) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", incoming_.digest(), "\" is no SHA-256 in lower-case hex"));
    }
    digest_ = incoming_.digest();
    // Before the bytes are there: see ArtifactJanitor.
    parts_.janitor.Announce(digest_);
    CAVIAR_ASSIGN_OR_RETURN(writer_, parts_.artifacts.StartWrite());
  }
  bytes_ += incoming_.data().size();
  if (bytes_ > kBytesMax) {
    // Not kResourceExhausted: a full disk may be cleared, this never fits.
    return absl::InvalidArgumentError(
        absl::StrCat("artifact ", digest_, " is larger than ", kBytesMax, " bytes"));
  }
  return writer_->Append(incoming_.data());
}

absl::Status ArtifactUpload::Complete() {
  if (writer_ == nullptr) return absl::InvalidArgumentError("an upload needs a digest and bytes");
  // Again: the upload may have taken long.
  parts_.janitor.Announce(digest_);
  // A broken link looks like the end of the stream here; the digest tells them apart.
  return writer_->Finish(digest_).status();
}

void ArtifactUpload::OnDone() { const std::shared_ptr<ArtifactUpload> last = std::move(self_); }

}  // namespace caviar::service
