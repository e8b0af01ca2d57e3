// What is known to make training slow or wrong on a machine, as sentences for the person who set it
// up: what is so, what it costs, what to do.
//
// Threads: pure function.
#ifndef CAVIAR_WORKER_SELF_TEST_HAZARDS_H_
#define CAVIAR_WORKER_SELF_TEST_HAZARDS_H_

#include <string>
#include <vector>

namespace caviar::self_test {

struct MachineFacts {
  std::string simd_path;   // of our kernels
  std::string blas_core;   // kernels that OpenBLAS chose
  std::string blas_build;  // its build options
  int blas_threads = 1;
  bool has_avx512 = false;
  bool core_type_is_empty = false;  // OPENBLAS_CORETYPE is set to nothing
  bool flushes_denormals = true;    // within FlushDenormals
  bool threads_agree = true;        // equal products on two threads at once had equal bits
  double peak_gflops = 0;           // multiply-adds, median
  double peak_spread = 0;           // (largest - smallest) / median of several measurements
  double large_product_gflops = 0;
};

// Empty where nothing is wrong.
std::vector<std::string> HazardsOf(const MachineFacts& facts);

}  // namespace caviar::self_test

#endif  // CAVIAR_WORKER_SELF_TEST_HAZARDS_H_
