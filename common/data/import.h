// Makes a data set file from the user's files: reads them as v1.ImportSettings says, splits the
// rows, fits the preprocessing on the training rows and writes what dataset.h describes. The only
// parser of user data in the product; the coordinator calls it on a thread of its own.
//
// The files are streamed several times (to digest, to scan, to fit, to encode) and never held:
// memory is four bytes a row for labels, eight a numeric training cell, and the mapped result.
//
// Threads:     thread-safe (a pure function of files); takes seconds to minutes.
// Errors:      kInvalidArgument or kResourceExhausted with a sentence that names the file, and
// where
//              it applies line, column and value. Nothing is left at `output_path` then.
// Determinism: equal contents and settings give the same bytes, hence the same digest; names and
//              compression of the files do not matter.
#ifndef CAVIAR_COMMON_DATA_IMPORT_H_
#define CAVIAR_COMMON_DATA_IMPORT_H_

#include <string>

#include "absl/status/statusor.h"
#include "caviar/v1/dataset.pb.h"
#include "common/data/byte_source.h"

namespace caviar::data {

struct ImportFiles {
  InputFile data;
  InputFile labels;  // IDX and NPY alone
  // Replaces the test part; columns are matched by name where there are names.
  InputFile test_data;
  InputFile test_labels;
};

// Returns everything but name and created_at; settings have their defaults filled in.
absl::StatusOr<v1::Dataset> ImportDataset(const ImportFiles& files,
                                          const v1::ImportSettings& settings,
                                          const std::string& output_path);

// By the first bytes: IDX, NPY, LIBSVM, else CSV. kInvalidArgument for known formats that are not
// supported (ZIP, Parquet, xz …), saying what to do.
absl::StatusOr<v1::ImportSettings::Format> DetectFormat(const InputFile& file);

}  // namespace caviar::data

#endif  // CAVIAR_COMMON_DATA_IMPORT_H_
