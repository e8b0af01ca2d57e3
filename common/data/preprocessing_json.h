// The fitted preprocessing as the text that a data set's and a model's file keep, and back.
//
// Threads:     thread-safe (pure functions).
// Errors:      kInvalidArgument for text that is no preprocessing, and for one that contradicts
//              itself: whoever wrote the file is not trusted, and readers index memory by it.
// Determinism: equal messages give equal text.
#ifndef CAVIAR_COMMON_DATA_PREPROCESSING_JSON_H_
#define CAVIAR_COMMON_DATA_PREPROCESSING_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "caviar/v1/dataset.pb.h"

namespace caviar::data {

std::string PreprocessingToJson(const v1::Preprocessing& preprocessing);

// The result has features in [1, kFeaturesMax] and a class; the columns of a CSV file become just
// those features, and its target stood among or behind them; the block of another format is as wide
// as they are. Scales are finite, deviations above 0.
absl::StatusOr<v1::Preprocessing> PreprocessingFromJson(absl::string_view json);

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_PREPROCESSING_JSON_H_
