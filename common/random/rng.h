// Counter-based random numbers (Philox4x32-10: Salmon et al. 2011, "Parallel random numbers: as
// easy as 1, 2, 3") with our own distributions, because std:: distributions differ between
// libraries and absl::BitGen promises no sequence. A generator is a key and a counter, so its whole
// state fits in a checkpoint.
//
// Threads:     thread-compatible; pass by reference to the one who draws.
// Determinism: the same seed gives the same sequence on every machine and build.
#ifndef CAVIAR_COMMON_RANDOM_RNG_H_
#define CAVIAR_COMMON_RANDOM_RNG_H_

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "absl/strings/string_view.h"

namespace caviar {

class Rng {
 public:
  // What a checkpoint stores: `key` is the seed, `position` the count of 32-bit words drawn.
  struct State {
    uint64_t key = 0;
    uint64_t position = 0;
    friend bool operator==(const State&, const State&) = default;
  };

  explicit Rng(uint64_t seed) : Rng(State{seed, 0}) {}
  explicit Rng(const State& state);

  uint32_t NextUint32();
  uint64_t NextUint64();

  // Uniform in [0, 1) with 53 random bits.
  double Uniform();
  // Uniform in {0, …, bound - 1}, without modulo bias. Requires: bound > 0.
  uint32_t UniformInt(uint32_t bound);
  // Standard normal, by Box-Muller; each call draws two uniforms and keeps nothing back, so that
  // State is all there is.
  double Normal();

  // Fisher-Yates. Requires: values.size() < 2^32.
  template <typename T>
  void Shuffle(std::span<T> values) {
    for (size_t i = values.size(); i > 1; --i) {
      std::swap(values[i - 1], values[UniformInt(static_cast<uint32_t>(i))]);
    }
  }

  State state() const { return State{key_, position_}; }

 private:
  void Refill();

  uint64_t key_;
  uint64_t position_;
  std::array<uint32_t, 4> block_;  // words of the counter block that holds position_
};

// Seeds that belong to a place in the work, not to who does it: a trial's seed is
// DeriveSeed(job_seed, trial_number), a parameter's DeriveSeed(that, "learning_rate").
uint64_t DeriveSeed(uint64_t seed, uint64_t index);
uint64_t DeriveSeed(uint64_t seed, absl::string_view name);

}  // namespace caviar

#endif  // CAVIAR_COMMON_RANDOM_RNG_H_
