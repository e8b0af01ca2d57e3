// A trial's key in store.db: job and trial number in one integer, so that the trials of a job are
// a range of keys.
//
// Threads: thread-safe.
#ifndef CAVIAR_COORDINATOR_STORE_TRIAL_KEY_H_
#define CAVIAR_COORDINATOR_STORE_TRIAL_KEY_H_

#include <cstdint>

namespace caviar::store {

inline int64_t TrialKey(uint32_t job, uint32_t trial) {
  return static_cast<int64_t>(static_cast<uint64_t>(job) << 32 | trial);
}
inline uint32_t JobOfKey(int64_t key) {
  return static_cast<uint32_t>(static_cast<uint64_t>(key) >> 32);
}
inline uint32_t TrialOfKey(int64_t key) { return static_cast<uint32_t>(key); }

// Both inclusive.
inline int64_t FirstTrialKey(uint32_t job) { return TrialKey(job, 0); }
inline int64_t LastTrialKey(uint32_t job) { return TrialKey(job, UINT32_MAX); }

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_TRIAL_KEY_H_
