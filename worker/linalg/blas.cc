#include "worker/linalg/blas.h"

#include <cstdlib>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/status_macros.h"
#include "worker/linalg/openblas.h"
#include "worker/linalg/simd_path.h"

namespace caviar::linalg {
namespace {

constexpr char kCoreTypeVariable[] = "OPENBLAS_CORETYPE";
constexpr char kThreadsVariable[] = "OPENBLAS_NUM_THREADS";

std::string CpuName() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (!absl::StartsWith(line, "model name")) continue;
    const size_t colon = line.find(':');
    if (colon != std::string::npos) {
      return std::string(absl::StripAsciiWhitespace(absl::string_view(line).substr(colon + 1)));
    }
  }
  return "unknown CPU";
}

}  // namespace

bool CpuHasAvx512() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

std::optional<std::string> BetterCoreType(bool has_avx512, const char* current) {
  if (!has_avx512) return std::nullopt;
  if (current != nullptr && *current != '\0') return std::nullopt;  // the user's choice
  return "SkylakeX";
}

absl::Status CheckBlasConfig(absl::string_view config) {
  if (!absl::StrContains(config, "SINGLE_THREADED")) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "this OpenBLAS (", config,
      ") was built without threads and computes wrong results when two trials run at once; install "
      "libopenblas0-pthread (and see update-alternatives --config "
      "libopenblas.so.0-x86_64-linux-gnu)"));
}

std::string DescribeHardware() {
  return absl::StrCat(CpuName(), ", SIMD ", SimdPathInUse(), ", OpenBLAS ", OpenBlasCore());
}

absl::StatusOr<std::string> PrepareBlas() {
  const char* const current = std::getenv(kCoreTypeVariable);
  if (const auto core = BetterCoreType(CpuHasAvx512(), current)) {
    setenv(kCoreTypeVariable, core->c_str(), 1);
  } else if (current != nullptr && *current == '\0') {
    LogWarning(absl::StrCat(
        kCoreTypeVariable, " is set but empty, which lets OpenBLAS choose a wrong core; unset it"));
  }
  setenv(kThreadsVariable, "1", 1);
  CAVIAR_RETURN_IF_ERROR(LoadOpenBlas());
  CAVIAR_RETURN_IF_ERROR(CheckBlasConfig(OpenBlasConfig()));
  const std::string hardware = DescribeHardware();
  LogDebug(absl::StrCat("hardware: ", hardware, " (", OpenBlasConfig(), ")"));
  return hardware;
}

}  // namespace caviar::linalg
