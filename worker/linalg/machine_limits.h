// What the core it runs on can do at most, measured on the spot: the yardstick of every benchmark.
//
// Threads:     thread-safe; figures are of the calling thread's core.
// Units:       processor time of the thread, so that other processes' turns do not count; what they
//              do to caches and clock does.
#ifndef CAVIAR_WORKER_LINALG_MACHINE_LIMITS_H_
#define CAVIAR_WORKER_LINALG_MACHINE_LIMITS_H_

#include <cstddef>

#include "worker/linalg/float_buffer.h"

namespace caviar::linalg {

// Seconds of processor time this thread has used.
double ThreadSeconds();

// Billion float32 operations a second that independent multiply-adds reach on the SIMD path in use;
// a multiply-add counts as two. Takes a millisecond or two.
double MultiplyAddGflops();

// Copies of `bytes` bytes. Keeps its memory, twice as much: where it came from the system each time
// and went back, a virtual machine slowed down whatever ran next (a step of 30 MB of parameters by
// 1.3 to 1.8 times).
class MemoryCopy {
 public:
  explicit MemoryCopy(size_t bytes);
  // Billion bytes a second, read and written, over a millisecond at least.
  double GigabytesPerSecond();

 private:
  FloatBuffer from_, to_;
};

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_MACHINE_LIMITS_H_
