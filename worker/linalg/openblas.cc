#include "worker/linalg/openblas.h"

#include <cblas.h>
#include <dlfcn.h>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/status/check.h"

namespace caviar::linalg {
namespace {

constexpr char kLibrary[] = "libopenblas.so.0";

// What is used of it.
struct Functions {
  decltype(&cblas_sgemm) sgemm = nullptr;
  decltype(&openblas_get_config) config = nullptr;
  decltype(&openblas_get_corename) core_name = nullptr;
  decltype(&openblas_get_num_threads) threads = nullptr;
  decltype(&openblas_set_num_threads) set_threads = nullptr;
};

template <typename Function>
bool Find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

absl::StatusOr<Functions> Load() {
  // Stays loaded as long as the program runs.
  void* const library = dlopen(kLibrary, RTLD_LAZY | RTLD_LOCAL);
  Functions functions;
  const bool is_complete = library != nullptr && Find(library, "cblas_sgemm", functions.sgemm) &&
                           Find(library, "openblas_get_config", functions.config) &&
                           Find(library, "openblas_get_corename", functions.core_name) &&
                           Find(library, "openblas_get_num_threads", functions.threads) &&
                           Find(library, "openblas_set_num_threads", functions.set_threads);
  if (!is_complete) {
    return absl::NotFoundError(
        absl::StrCat("cannot load OpenBLAS (", dlerror(), "); install libopenblas0-pthread"));
  }
  functions.set_threads(1);
  return functions;
}

const absl::StatusOr<Functions>& Loaded() {
  // Not destroyed: other threads may multiply until the very end of the program.
  static const auto& functions = *new absl::StatusOr<Functions>(Load());
  return functions;
}

const Functions& OpenBlas() {
  const absl::StatusOr<Functions>& functions = Loaded();
  CAVIAR_CHECK_OK(functions.status());
  return *functions;
}

}  // namespace

absl::Status LoadOpenBlas() { return Loaded().status(); }

void Sgemm(bool transpose_a, bool transpose_b, int m, int n, int k, const float* a, int a_stride,
           const float* b, int b_stride, float* c, int c_stride) {
  OpenBlas().sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
                   transpose_b ? CblasTrans : CblasNoTrans, m, n, k, 1.0f, a, a_stride, b, b_stride,
                   0.0f, c, c_stride);
}

std::string OpenBlasConfig() { return OpenBlas().config(); }

std::string OpenBlasCore() { return OpenBlas().core_name(); }

int OpenBlasThreads() { return OpenBlas().threads(); }

}  // namespace caviar::linalg
