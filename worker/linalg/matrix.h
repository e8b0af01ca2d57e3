// Row-major float matrices: views, and memory for them.
//
// Ownership: a view borrows; Matrix owns. A view never outlives the memory it shows.
// Shapes:    element (r, c) is data[r * stride + c]. *Padded* views have a stride that is a
// multiple
//            of kLanePadding and belong to Matrix (or to a buffer laid out like one): kernels that
//            ask for them read and write whole vectors, so the columns [cols, PaddedSize(cols)) are
//            scratch whose content means nothing.
#ifndef CAVIAR_WORKER_LINALG_MATRIX_H_
#define CAVIAR_WORKER_LINALG_MATRIX_H_

#include <cstddef>
#include <cstdint>

#include "worker/linalg/float_buffer.h"

namespace caviar::linalg {

struct ConstMatrixView {
  const float* data = nullptr;
  int rows = 0;
  int cols = 0;
  int stride = 0;

  const float* row(int r) const { return data + static_cast<size_t>(r) * stride; }
  ConstMatrixView Rows(int first, int count) const { return {row(first), count, cols, stride}; }
};

struct MatrixView {
  float* data = nullptr;
  int rows = 0;
  int cols = 0;
  int stride = 0;

  float* row(int r) const { return data + static_cast<size_t>(r) * stride; }
  MatrixView Rows(int first, int count) const { return {row(first), count, cols, stride}; }
  operator ConstMatrixView() const { return {data, rows, cols, stride}; }  // NOLINT: as span does
};

inline bool IsPadded(ConstMatrixView m) {
  return m.stride % kLanePadding == 0 && m.stride >= static_cast<int>(PaddedSize(m.cols)) &&
         reinterpret_cast<uintptr_t>(m.data) % (kLanePadding * sizeof(float)) == 0;
}

// A padded stride for rows of `cols` floats. Strides that are a multiple of 1 KiB get one line
// more: walking down a column would otherwise hit the same few cache sets again and again.
constexpr int PaddedStride(int cols) {
  const size_t stride = PaddedSize(cols);
  return static_cast<int>(stride % 256 == 0 ? stride + kLanePadding : stride);
}

class Matrix {
 public:
  Matrix() = default;
  Matrix(int rows, int cols)
      : rows_(rows),
        cols_(cols),
        buffer_(static_cast<size_t>(rows) * static_cast<size_t>(PaddedStride(cols))) {}

  MatrixView view() { return Rows(rows_); }
  ConstMatrixView view() const { return {buffer_.data(), rows_, cols_, PaddedStride(cols_)}; }
  // The first `rows` rows. Requires: rows <= the rows it was made for.
  MatrixView Rows(int rows) { return {buffer_.data(), rows, cols_, PaddedStride(cols_)}; }

 private:
  int rows_ = 0;
  int cols_ = 0;
  FloatBuffer buffer_;
};

// Memory that serves as a matrix of changing shape.
class ScratchMatrix {
 public:
  ScratchMatrix() = default;
  ScratchMatrix(int rows_max, int cols_max)
      : buffer_(static_cast<size_t>(rows_max) *
                static_cast<size_t>(PaddedStride(cols_max) + kLanePadding)) {}

  // Requires: rows <= rows_max and cols <= cols_max.
  MatrixView As(int rows, int cols) { return {buffer_.data(), rows, cols, PaddedStride(cols)}; }

 private:
  FloatBuffer buffer_;
};

}  // namespace caviar::linalg

#endif  // CAVIAR_WORKER_LINALG_MATRIX_H_
