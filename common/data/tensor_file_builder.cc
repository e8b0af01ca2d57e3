#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/data/tensor_file.h"
#include "common/data/tensor_header.h"
#include "common/file/durable_file.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"

namespace caviar::data {

struct TensorFileBuilder::State {
  TensorHeader header;
  std::string path;
  std::string temporary;
  char* address = nullptr;
  size_t size = 0;

  void Unmap() {
    if (address != nullptr) munmap(address, size);
    address = nullptr;
  }
  ~State() {
    Unmap();
    if (!temporary.empty()) unlink(temporary.c_str());
  }
};

TensorFileBuilder::TensorFileBuilder(std::unique_ptr<State> state) : state_(std::move(state)) {}
TensorFileBuilder::TensorFileBuilder(TensorFileBuilder&&) noexcept = default;
TensorFileBuilder& TensorFileBuilder::operator=(TensorFileBuilder&&) noexcept = default;
TensorFileBuilder::~TensorFileBuilder() = default;

absl::StatusOr<TensorFileBuilder> TensorFileBuilder::Create(const std::string& path,
                                                            std::span<const TensorSpec> specs,
                                                            const TensorMetadata& metadata) {
  auto state = std::make_unique<State>();
  state->header = LayOutTensors(specs, metadata);
  const std::string head = EncodeTensorHeader(state->header);
  state->size = state->header.header_bytes + state->header.data_bytes;
  state->path = path;
  const std::string temporary = NewTemporaryName(path);
  const int fd = open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot create ", temporary));
  state->temporary = temporary;
  // A page of a sparse file that finds no room when it is touched would be a SIGBUS.
  const int error = posix_fallocate(fd, 0, static_cast<off_t>(state->size));
  void* address = MAP_FAILED;
  if (error == 0) {
    address = mmap(nullptr, state->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  }
  const int map_error = errno;
  close(fd);
  if (error != 0) {
    return absl::ErrnoToStatus(
        error, absl::StrCat("cannot reserve ", state->size, " bytes for ", temporary));
  }
  if (address == MAP_FAILED) {
    return absl::ErrnoToStatus(map_error, absl::StrCat("cannot map ", temporary));
  }
  state->address = static_cast<char*>(address);
  std::memcpy(state->address, head.data(), head.size());
  return TensorFileBuilder(std::move(state));
}

std::span<char> TensorFileBuilder::Bytes(absl::string_view name, DType dtype) {
  CAVIAR_CHECK(state_->address != nullptr) << "values asked for after Finish";
  for (const TensorPlace& place : state_->header.places) {
    if (place.spec.name != name) continue;
    CAVIAR_CHECK(place.spec.dtype == dtype) << name << " has another type";
    return {state_->address + state_->header.header_bytes + place.begin, place.end - place.begin};
  }
  CAVIAR_CHECK(false) << "no tensor " << name;
  return {};
}

absl::Status TensorFileBuilder::Finish() {
  CAVIAR_CHECK(state_->address != nullptr) << "Finish called twice";
  if (msync(state_->address, state_->size, MS_SYNC) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot sync ", state_->temporary));
  }
  state_->Unmap();
  CAVIAR_RETURN_IF_ERROR(RenameDurably(state_->temporary, state_->path));
  state_->temporary.clear();
  return absl::OkStatus();
}

}  // namespace caviar::data
