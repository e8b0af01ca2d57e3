// Rows of equally wide numbers from IDX, NPY and LIBSVM files, one format-blind stream.
//
// Threads:   thread-compatible.
// Shapes:    a row is [width]; the trailing dimensions of an image are flattened in file order.
// Errors:    kInvalidArgument naming the file and what is wrong in it: bad magic, types that hold
//            no numbers, sizes that overflow or do not fit the file, truncated or trailing bytes,
//            values that are not finite, LIBSVM lines that break its rules.
#ifndef CAVIAR_COMMON_DATA_BLOCK_SOURCE_H_
#define CAVIAR_COMMON_DATA_BLOCK_SOURCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/dataset.pb.h"
#include "common/data/byte_source.h"

namespace caviar::data {

class BlockSource {
 public:
  virtual ~BlockSource() = default;

  virtual int64_t width() const = 0;
  // Fills `values`; false at the end. Requires: values.size() == width().
  virtual absl::StatusOr<bool> Next(std::span<double> values) = 0;
  // The current row's label as a number's text; nothing where there are no labels.
  virtual std::optional<std::string> label() const = 0;
  // Where the current row is: "data.npy, row 5 (counted from 0)", "data.txt, line 6".
  virtual std::string RowText() const = 0;
  // LIBSVM values left out because their index is beyond the width.
  virtual int64_t values_left_out() const { return 0; }
};

// IDX and NPY. Without a labels file rows have no labels.
absl::StatusOr<std::unique_ptr<BlockSource>> OpenBinaryBlock(const InputFile& data,
                                                             const InputFile& labels,
                                                             v1::ImportSettings::Format format);

// `width` 0 means the largest index in the file, which is then read twice.
absl::StatusOr<std::unique_ptr<BlockSource>> OpenLibsvm(const InputFile& data, int64_t width);

absl::StatusOr<std::unique_ptr<BlockSource>> OpenBlock(const InputFile& data,
                                                       const InputFile& labels,
                                                       v1::ImportSettings::Format format,
                                                       int64_t width);

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_BLOCK_SOURCE_H_
