// Shared by the fuzz tests: each says what it does with one input, and runs both as a libFuzzer
// target (clang -fsanitize=fuzzer, CAVIAR_LIBFUZZER defined) and as an ordinary test over a bounded
// number of seeded mutations of good inputs.
#ifndef CAVIAR_TESTS_FUZZ_FUZZ_H_
#define CAVIAR_TESTS_FUZZ_FUZZ_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/random/rng.h"

namespace caviar::fuzz {

// A few random edits: flipped, inserted, removed, repeated and interesting bytes, pieces of other
// seeds, a cut. A function of the rng's state and the seeds.
std::string Mutate(const std::vector<std::string>& seeds, Rng& rng);

// Calls `run` with each seed and then with `count` mutations; a failure is traced to its number.
void RunMutations(const std::vector<std::string>& seeds, int count,
                  const std::function<void(const std::string&)>& run);

}  // namespace caviar::fuzz

#endif  // CAVIAR_TESTS_FUZZ_FUZZ_H_
