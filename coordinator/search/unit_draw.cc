#include "coordinator/search/unit_draw.h"

#include "common/random/rng.h"
#include "coordinator/search/sobol_sequence.h"

namespace caviar::search {

std::vector<double> DrawUnit(const Space& space, uint64_t seed, uint32_t trial_number) {
  const uint64_t trial_seed = DeriveSeed(seed, uint64_t{trial_number});
  std::vector<double> unit(space.size());
  for (int i = 0; i < space.size(); ++i) {
    unit[i] = Rng(DeriveSeed(trial_seed, space.parameter(i).name())).Uniform();
  }
  return unit;
}

std::vector<double> SobolUnit(const Space& space, uint64_t seed, uint32_t trial_number) {
  std::vector<uint64_t> dimension_seeds(space.size());
  for (int i = 0; i < space.size(); ++i) {
    dimension_seeds[i] = DeriveSeed(seed, space.parameter(i).name());
  }
  return ScrambledSobolPoint(dimension_seeds, trial_number - 1);
}

}  // namespace caviar::search
