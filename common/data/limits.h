// The bounds of what can be imported. Each keeps one careless or hostile file from taking the
// coordinator's memory or disk; beyond them the user gets a sentence, never a crash.
#ifndef CAVIAR_COMMON_DATA_LIMITS_H_
#define CAVIAR_COMMON_DATA_LIMITS_H_

#include <cstdint>

namespace caviar::data {

// Bytes that one compressed file may inflate to. Twice what may be uploaded; a gzip bomb (1000
// times its size) stops here after a minute, and nothing of it is ever held in memory.
inline constexpr uint64_t kInflatedBytesMax = uint64_t{16} << 30;

// Columns of a CSV file. A column costs a few hundred bytes while scanning: 100 MB.
inline constexpr int64_t kColumnsMax = 250'000;

// Bytes of one CSV row: kColumnsMax numbers with all their digits fit.
inline constexpr int64_t kRowBytesMax = int64_t{16} << 20;

// Bytes between two quotes: an unclosed quote is noticed before it swallows the file.
inline constexpr int64_t kQuotedBytesMax = int64_t{1} << 20;

// Rows x columns of a CSV file: medians are taken from doubles in memory, 2 GiB of them.
inline constexpr int64_t kCellsMax = int64_t{1} << 28;

// Rows x features of a data set: 4 GiB of floats, which every worker keeps mapped.
inline constexpr int64_t kValuesMax = int64_t{1} << 30;

// Features of a data set: the first layer has one weight a feature and unit.
inline constexpr int64_t kFeaturesMax = 1'000'000;

// Categories of one column: each becomes a feature, and one seen once in a thousand rows teaches
// nothing. Text columns beyond it are names or free text.
inline constexpr int64_t kCategoriesMax = 1000;

// Classes of a target; the output layer has one unit each.
inline constexpr int64_t kClassesMax = 10'000;

// Different target values remembered before giving up: more are no classes.
inline constexpr int64_t kDistinctLabelsMax = 100'000;

// Numbers beyond it have no finite squares, hence no deviation.
inline constexpr double kMagnitudeMax = 1e100;

// The fitted preprocessing travels inside messages, which gRPC limits to 4 MiB.
inline constexpr int64_t kPreprocessingBytesMax = int64_t{3} << 20;

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_LIMITS_H_
