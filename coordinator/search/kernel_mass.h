// How much of a normal kernel lies inside [0, 1], as a logarithm, for many kernels of one
// bandwidth.
//
// Threads:     immutable; thread-safe.
// Determinism: same arguments, same bits, on one build and CPU type.
#ifndef CAVIAR_COORDINATOR_SEARCH_KERNEL_MASS_H_
#define CAVIAR_COORDINATOR_SEARCH_KERNEL_MASS_H_

#include <cstddef>
#include <vector>

namespace caviar::search {

class KernelMass {
 public:
  // For about `kernels` questions: many are answered from a table, to 1/500.
  KernelMass(double bandwidth, size_t kernels);

  // Log of the mass of a kernel at either end, which has the least.
  double least() const { return least_; }

  // What the log of a kernel's mass is above least(); >= 0. Requires: mean in [0, 1].
  float Above(double mean) const;

 private:
  double bandwidth_;
  double least_;
  int intervals_ = 0;
  std::vector<float> nodes_;  // at i / intervals_, and one more; empty without a table
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_KERNEL_MASS_H_
