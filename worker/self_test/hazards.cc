#include "worker/self_test/hazards.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace caviar::self_test {
namespace {

// OpenBLAS's cores that use AVX-512.
bool UsesAvx512(const std::string& core) {
  return absl::EqualsIgnoreCase(core, "SkylakeX") || absl::EqualsIgnoreCase(core, "Cooperlake") ||
         absl::EqualsIgnoreCase(core, "SapphireRapids");
}

}  // namespace

std::vector<std::string> HazardsOf(const MachineFacts& facts) {
  std::vector<std::string> hazards;
  const auto warn = [&hazards](const auto&... parts) { hazards.push_back(absl::StrCat(parts...)); };
  if (facts.has_avx512 && !UsesAvx512(facts.blas_core)) {
    warn("OpenBLAS uses its ", facts.blas_core,
         " kernels although this CPU has AVX-512: large networks train at up to half speed; set "
         "OPENBLAS_CORETYPE=SkylakeX in the worker's environment");
  }
  if (facts.core_type_is_empty) {
    warn("OPENBLAS_CORETYPE is set but empty, which lets OpenBLAS choose a wrong core; unset it");
  }
  if (absl::StrContains(facts.blas_build, "SINGLE_THREADED")) {
    warn(
        "this OpenBLAS was built without threads and computes wrong results when two trials run "
        "at once; install libopenblas0-pthread");
  }
  if (facts.blas_threads != 1) {
    warn("OpenBLAS uses ", facts.blas_threads,
         " threads a product, which slows several trials at once down 2 to 110 times; set "
         "OPENBLAS_NUM_THREADS=1");
  }
  if (!facts.threads_agree) {
    warn(
        "two threads at once computed different products from equal matrices: do not train with "
        "this OpenBLAS; install libopenblas0-pthread");
  }
  if (!facts.flushes_denormals) {
    warn("this CPU does not flush denormal numbers to zero, which can nearly halve the speed");
  }
  if (facts.simd_path == "SSE4" || facts.simd_path == "SCALAR") {
    warn("this CPU has no AVX2: training runs, at a fraction of the speed of newer ones");
  }
  if (facts.large_product_gflops < 0.5 * facts.peak_gflops) {
    warn("large products reach ", static_cast<int>(facts.large_product_gflops), " of ",
         static_cast<int>(facts.peak_gflops),
         " GFLOP/s: OpenBLAS does not fit this CPU, or another process shares its caches");
  }
  if (facts.peak_spread > 0.15) {
    warn("the core's peak varied by ", static_cast<int>(100 * facts.peak_spread),
         " % while it was measured: something else uses it, or its clock changes; figures below "
         "vary as much");
  }
  return hazards;
}

}  // namespace caviar::self_test
