// A block of floats that starts on a vector boundary, zeroed, of fixed size.
//
// Threads:   thread-compatible.
// Ownership: owns its memory; movable, never copied by accident.
#ifndef CAVIAR_WORKER_LINALG_FLOAT_BUFFER_H_
#define CAVIAR_WORKER_LINALG_FLOAT_BUFFER_H_

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>

namespace caviar::linalg {

// Floats that every vector type divides: the AVX-512 width, one cache line. Rows of matrices and
// parameter arrays are padded to it, so that kernels have no tails.
inline constexpr size_t kLanePadding = 16;

constexpr size_t PaddedSize(size_t size) {
  return (size + kLanePadding - 1) / kLanePadding * kLanePadding;
}

class FloatBuffer {
 public:
  FloatBuffer() = default;
  explicit FloatBuffer(size_t size);

  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  size_t size() const { return size_; }
  std::span<float> span() { return {data_.get(), size_}; }
  std::span<const float> span() const { return {data_.get(), size_}; }

 private:
  struct Free {
    void operator()(float* data) const { std::free(data); }
  };
  std::unique_ptr<float[], Free> data_;
  size_t size_ = 0;
};

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_FLOAT_BUFFER_H_
