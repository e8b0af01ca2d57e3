// Runs a whole test binary on the SIMD path that CAVIAR_TEST_SIMD names (see caviar_simd_test() in
// cmake/targets.cmake); without it, on the best one. A CPU that lacks the path ends the binary with
// the code that CTest shows as skipped.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "worker/linalg/simd_path.h"

namespace caviar::linalg {
namespace {

constexpr int kSkipped = 77;

class SimdPathEnvironment : public testing::Environment {
 public:
  void SetUp() override {
    const char* const path = std::getenv("CAVIAR_TEST_SIMD");
    if (path == nullptr) return;
    const absl::Status status = UseSimdPath(path);
    if (status.ok()) return;
    std::fprintf(stderr, "skipped: %s\n", status.ToString().c_str());
    std::exit(kSkipped);
  }
};

[[maybe_unused]] const testing::Environment* const registered =
    testing::AddGlobalTestEnvironment(new SimdPathEnvironment);

}  // namespace
}  // namespace caviar::linalg
