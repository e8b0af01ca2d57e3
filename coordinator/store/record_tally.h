// A fingerprint of a set of records that is kept up to date record by record: how many there are,
// and the sum of a hash of each. A checksum beside a record cannot tell that the record is an old
// one or that its neighbour is gone (a stale page, an old file under a new log); the tally can.
//
// Threads: thread-compatible.
#ifndef CAVIAR_COORDINATOR_STORE_RECORD_TALLY_H_
#define CAVIAR_COORDINATOR_STORE_RECORD_TALLY_H_

#include <cstdint>

namespace caviar::store {

class RecordTally {
 public:
  RecordTally() = default;
  RecordTally(uint64_t count, uint64_t sum) : count_(count), sum_(sum) {}

  // `key_crc` identifies the record, `record_crc` covers all of it.
  void Add(uint32_t key_crc, uint32_t record_crc) {
    ++count_;
    sum_ += Mix(key_crc, record_crc);
  }
  void Remove(uint32_t key_crc, uint32_t record_crc) {
    --count_;
    sum_ -= Mix(key_crc, record_crc);
  }

  uint64_t count() const { return count_; }
  uint64_t sum() const { return sum_; }
  friend bool operator==(const RecordTally&, const RecordTally&) = default;

 private:
  // MurmurHash3's 64-bit finalizer, so that sums of related records do not cancel.
  static uint64_t Mix(uint32_t key_crc, uint32_t record_crc) {
    uint64_t hash = static_cast<uint64_t>(key_crc) << 32 | record_crc;
    hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
    hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
    return hash ^ (hash >> 33);
  }

  uint64_t count_ = 0;
  uint64_t sum_ = 0;  // modulo 2^64
};

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_RECORD_TALLY_H_
