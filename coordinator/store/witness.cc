#include "coordinator/store/witness.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/file/durable_file.h"
#include "common/status/status_macros.h"
#include "coordinator/store/crc32c.h"

namespace caviar::store {
namespace {

constexpr size_t kSlots = 2;
// A whole page each, so that no device tears one slot while it writes the other.
constexpr size_t kSlotBytes = 4096;
constexpr absl::string_view kMagic = "CAVIARW1";
// Magic, store id, sequence, CRC.
constexpr size_t kTestimonyBytes = 8 + 8 + 8 + 4;

void AppendLittleEndian(std::string& bytes, uint64_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
}

uint64_t ReadLittleEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::string Encode(const Witness::Testimony& testimony) {
  std::string bytes(kMagic);
  AppendLittleEndian(bytes, testimony.store_id, 8);
  AppendLittleEndian(bytes, testimony.commit_sequence, 8);
  AppendLittleEndian(bytes, Crc32c(bytes), 4);
  return bytes;
}

std::optional<Witness::Testimony> Decode(absl::string_view slot) {
  if (slot.size() < kTestimonyBytes || slot.substr(0, kMagic.size()) != kMagic) {
    return std::nullopt;
  }
  if (Crc32c(slot.substr(0, 24)) != ReadLittleEndian(slot.substr(24, 4))) return std::nullopt;
  return Witness::Testimony{ReadLittleEndian(slot.substr(8, 8)),
                            ReadLittleEndian(slot.substr(16, 8))};
}

}  // namespace

absl::StatusOr<Witness::Testimony> Witness::Read(const std::string& path) {
  CAVIAR_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  std::optional<Testimony> newest;
  for (size_t slot = 0; slot < kSlots; ++slot) {
    const size_t begin = slot * kSlotBytes;
    if (begin >= bytes.size()) break;
    const std::optional<Testimony> found = Decode(absl::string_view(bytes).substr(begin));
    if (!found.has_value()) continue;
    if (!newest.has_value() || found->commit_sequence > newest->commit_sequence) newest = found;
  }
  if (!newest.has_value()) return absl::DataLossError(absl::StrCat(path, " is damaged"));
  return *newest;
}

absl::StatusOr<Witness> Witness::Create(const std::string& path, const Testimony& testimony) {
  std::string bytes(kSlots * kSlotBytes, '\0');
  const std::string slot = Encode(testimony);
  bytes.replace((testimony.commit_sequence % kSlots) * kSlotBytes, slot.size(), slot);
  CAVIAR_RETURN_IF_ERROR(WriteFileDurably(path, bytes));
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  return Witness(path, testimony.store_id, fd);
}

Witness::Witness(Witness&& other) noexcept
    : path_(std::move(other.path_)),
      store_id_(other.store_id_),
      fd_(std::exchange(other.fd_, -1)) {}

Witness& Witness::operator=(Witness&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(store_id_, other.store_id_);
  std::swap(fd_, other.fd_);
  return *this;
}

Witness::~Witness() {
  if (fd_ >= 0) close(fd_);
}

absl::Status Witness::Record(uint64_t commit_sequence) {
  const std::string slot = Encode({store_id_, commit_sequence});
  const auto offset = static_cast<off_t>((commit_sequence % kSlots) * kSlotBytes);
  ssize_t written = -1;
  do {
    written = pwrite(fd_, slot.data(), slot.size(), offset);
  } while (written < 0 && errno == EINTR);
  if (written < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path_));
  if (static_cast<size_t>(written) != slot.size()) {
    return absl::ResourceExhaustedError(absl::StrCat("cannot write all of ", path_));
  }
  if (fdatasync(fd_) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot sync ", path_));
  return absl::OkStatus();
}

}  // namespace caviar::store
