// What the core it runs on can do at most, measured on the spot: the yardstick of every benchmark.
//
// Threads:     thread-safe; figures are of the calling thread's core.
// Units:       processor time of the thread, so that other processes' turns do not count; what they
//              do to caches and clock does.
#ifndef CAVIAR_WORKER_LINALG_MACHINE_LIMITS_H_
#define CAVIAR_WORKER_LINALG_MACHINE_LIMITS_H_

#include <cstddef>

namespace caviar::linalg {

// Seconds of processor time this thread has used.
double ThreadSeconds();

// Billion float32 operations a second that independent multiply-adds reach on the SIMD path in use;
// a multiply-add counts as two. Takes a millisecond or two.
double MultiplyAddGflops();

// Billion bytes a second, read and written, of copying `bytes` bytes again and again, at least for
// a millisecond. Allocates twice as much memory.
double CopyGigabytesPerSecond(size_t bytes);

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_MACHINE_LIMITS_H_
