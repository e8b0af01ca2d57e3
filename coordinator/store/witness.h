// A small file beside the store that knows the last commit sequence. SQLite cuts its log at the
// first damaged frame and calls the rest a healthy database, so only somebody else can tell that
// acknowledged commits are gone.
//
// Order: the store commits first, the witness second, the caller is told third. So after any crash
// the witness is never ahead of a healthy store and at most one commit behind it.
// Format: two slots of one sector each, used in turn, so that a torn write leaves the slot before;
// each holds magic, store id, commit sequence and a CRC-32C of them, little-endian.
//
// Threads: one owner.
// Errors:  kNotFound when there is no such file; kDataLoss when no slot is whole; what the file
//          system says.
#ifndef CAVIAR_COORDINATOR_STORE_WITNESS_H_
#define CAVIAR_COORDINATOR_STORE_WITNESS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace caviar::store {

class Witness {
 public:
  struct Testimony {
    // Tells the witnesses of different stores apart.
    uint64_t store_id = 0;
    uint64_t commit_sequence = 0;
  };

  // The newest whole slot.
  static absl::StatusOr<Testimony> Read(const std::string& path);
  // Writes a new file with this testimony in place of what is there, durably, and keeps it open.
  static absl::StatusOr<Witness> Create(const std::string& path, const Testimony& testimony);

  Witness(Witness&& other) noexcept;
  Witness& operator=(Witness&& other) noexcept;
  ~Witness();

  // Durable on return. Overwrites bytes that exist: no block to allocate, no journal to wait for.
  absl::Status Record(uint64_t commit_sequence);

 private:
  Witness(std::string path, uint64_t store_id, int fd)
      : path_(std::move(path)), store_id_(store_id), fd_(fd) {}

  std::string path_;
  uint64_t store_id_ = 0;
  int fd_ = -1;
};

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_WITNESS_H_
