#include "worker/linalg/simd_path.h"

#include <hwy/highway.h>
#include <hwy/targets.h>

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace caviar::linalg {
namespace {

// From the CPU, whatever was asked for before. Better targets have lower bits.
std::vector<int64_t> Targets() {
  hwy::SetSupportedTargetsForTest(0);
  std::vector<int64_t> targets;
  const int64_t all = hwy::SupportedTargets() & HWY_TARGETS;
  for (int64_t rest = all; rest != 0; rest &= rest - 1) targets.push_back(rest & -rest);
  return targets;
}

}  // namespace

std::vector<std::string> SimdPaths() {
  std::vector<std::string> names;
  for (const int64_t target : Targets()) names.emplace_back(hwy::TargetName(target));
  return names;
}

absl::Status UseSimdPath(absl::string_view path) {
  for (const int64_t target : Targets()) {
    if (path != hwy::TargetName(target)) continue;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("no SIMD path \"", path, "\" here; there is ",
                                                 absl::StrJoin(SimdPaths(), ", ")));
}

}  // namespace caviar::linalg
