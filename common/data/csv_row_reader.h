// RowReader for CSV files; see preprocess.h.
#ifndef CAVIAR_COMMON_DATA_CSV_ROW_READER_H_
#define CAVIAR_COMMON_DATA_CSV_ROW_READER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/data/preprocess.h"

namespace caviar::data {

absl::StatusOr<std::unique_ptr<RowReader>> OpenCsvRows(const v1::Preprocessing& preprocessing,
                                                       const InputFile& data,
                                                       v1::ImportSettings::Header header);

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_CSV_ROW_READER_H_
