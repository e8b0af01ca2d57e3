// Gets OpenBLAS ready at a program's start, around the traps of the packaged builds:
//   - it may take a CPU with AVX-512 for one without and run at half speed, unless
//     OPENBLAS_CORETYPE names a core *before the library loads*;
//   - an empty OPENBLAS_CORETYPE silently selects yet another core;
//   - its threads only wait, as every product takes one, and are started unless
//     OPENBLAS_NUM_THREADS says 1 before that too;
//   - a build without threads, called from two threads, computes wrong results silently.
//
// Threads: call from main, before any other thread starts.
#ifndef CAVIAR_WORKER_LINALG_BLAS_H_
#define CAVIAR_WORKER_LINALG_BLAS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace caviar::linalg {

// Call before the first product. Loads OpenBLAS with the core that is fastest here, logs what it
// chose and every hazard it sees, and returns a description of the hardware for people:
// "AMD EPYC, SIMD AVX2, OpenBLAS Zen". Sets variables of the environment.
// kNotFound: there is no OpenBLAS. kFailedPrecondition: this one cannot be used by several threads.
absl::StatusOr<std::string> PrepareBlas();

// The value OPENBLAS_CORETYPE should have instead of `current` (null: unset); nullopt: leave it.
std::optional<std::string> BetterCoreType(bool has_avx512, const char* current);

// The instructions that OpenBLAS's AVX-512 kernels need.
bool CpuHasAvx512();

// kFailedPrecondition for a build without threads.
absl::Status CheckBlasConfig(absl::string_view config);

// "AMD EPYC, SIMD AVX2, OpenBLAS Zen".
std::string DescribeHardware();

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_BLAS_H_
