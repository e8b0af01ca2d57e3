// Which instruction set the kernels use. The best one that the CPU has is chosen by itself; tests
// and measurements may ask for another.
//
// Threads: UseSimdPath() only while no other thread computes.
#ifndef CAVIAR_WORKER_LINALG_SIMD_PATH_H_
#define CAVIAR_WORKER_LINALG_SIMD_PATH_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace caviar::linalg {

// What the kernels were compiled for and this CPU has, best first: "AVX3" (AVX-512), "AVX2",
// "SSE4", "SCALAR"; "NEON" on ARM.
std::vector<std::string> SimdPaths();

// The one that kernels take now.
std::string SimdPathInUse();

// From now on every kernel takes this path. kInvalidArgument: not one of SimdPaths().
absl::Status UseSimdPath(absl::string_view path);

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_SIMD_PATH_H_
