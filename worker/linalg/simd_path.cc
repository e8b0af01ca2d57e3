#include "worker/linalg/simd_path.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/linalg/simd_path.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file again for each target.
#include <hwy/highway.h>
#include <hwy/targets.h>

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

HWY_BEFORE_NAMESPACE();
namespace caviar::linalg::HWY_NAMESPACE {

const char* OwnName() { return hwy::TargetName(HWY_TARGET); }

}  // namespace caviar::linalg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace caviar::linalg {

HWY_EXPORT(OwnName);

namespace {

// Asked of the CPU once, before anything else can be asked for: the question would put kernels back
// to the best path. Better targets have lower bits.
const std::vector<int64_t>& Targets() {
  static const std::vector<int64_t>* const targets = [] {
    auto* const found = new std::vector<int64_t>;
    const int64_t all = hwy::SupportedTargets() & HWY_TARGETS;
    for (int64_t rest = all; rest != 0; rest &= rest - 1) found->push_back(rest & -rest);
    return found;
  }();
  return *targets;
}

}  // namespace

std::vector<std::string> SimdPaths() {
  std::vector<std::string> names;
  for (const int64_t target : Targets()) names.emplace_back(hwy::TargetName(target));
  return names;
}

std::string SimdPathInUse() { return HWY_DYNAMIC_DISPATCH(OwnName)(); }

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
#endif  // HWY_ONCE
