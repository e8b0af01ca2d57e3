// From raw rows to the network's input by a fitted v1.Preprocessing: the one way, for import as for
// predictions.
//
// CSV columns are found by name where the file has a header, else by position, with or without the
// target among them. Numbers become (value - mean) / deviation, missing ones the training median
// and 1 in their indicator; categories one feature each, all zero for a missing or unseen one.
//
// Threads:     thread-compatible.
// Shapes:      a row is [features].
// Errors:      kInvalidArgument naming file, line, column and value: a column that is missing, text
//              where training had numbers, rows of another width.
// Determinism: a function of the preprocessing and the bytes.
#ifndef CAVIAR_COMMON_DATA_PREPROCESS_H_
#define CAVIAR_COMMON_DATA_PREPROCESS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "caviar/v1/dataset.pb.h"
#include "common/data/byte_source.h"

namespace caviar::data {

// What a row says about its class.
struct RowLabel {
  enum class State {
    kAbsent,   // no target column, or no value in it
    kUnknown,  // a class that training did not have
    kKnown,
  };
  State state = State::kAbsent;
  int32_t label = -1;  // kKnown: index into Preprocessing.classes
  std::string text;    // as in the file
  // A trailing period was dropped to find the class (see LabelIndex).
  bool dropped_period = false;
};

class RowReader {
 public:
  // The format is the preprocessing's. `labels` may be not given. `header` DETECT means a header
  // where the first row has the names of all used columns. The reader keeps no reference to
  // `preprocessing`.
  static absl::StatusOr<std::unique_ptr<RowReader>> Open(const v1::Preprocessing& preprocessing,
                                                         const InputFile& data,
                                                         const InputFile& labels,
                                                         v1::ImportSettings::Header header);
  virtual ~RowReader() = default;

  // Fills `x`; false at the end. Requires: x.size() == preprocessing.features().
  virtual absl::StatusOr<bool> Next(std::span<float> x, RowLabel* label) = 0;
  // Where the current row is, for messages: "data.csv, line 7".
  virtual std::string RowText() const = 0;
  // Whether rows may have labels at all.
  virtual bool has_labels() const = 0;
  // Values of a sparse file that training had no column for.
  virtual int64_t values_left_out() const { return 0; }
};

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_PREPROCESS_H_
