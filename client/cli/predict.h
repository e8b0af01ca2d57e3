// Applies a saved model to a file of rows: `caviar predict`.
//
// Threads: pure but for the files read and the stream written.
// Errors:  what model and reader say, naming file, line, column and value. The rows before a bad
// one
//          are written.
#ifndef CAVIAR_CLIENT_CLI_PREDICT_H_
#define CAVIAR_CLIENT_CLI_PREDICT_H_

#include <string>

#include "absl/status/statusor.h"
#include "caviar/v1/dataset.pb.h"
#include "client/cli/console.h"
#include "client/cli/predictions_writer.h"

namespace caviar::cli {

struct PredictRequest {
  std::string model_path;
  std::string data_path;
  std::string labels_path;  // IDX and NPY; may be empty
  v1::ImportSettings::Header header = v1::ImportSettings::DETECT;
};

// Writes a prediction for each row to `console.out`, as they are made.
absl::StatusOr<PredictionsSummary> Predict(const PredictRequest& request, OutputFormat format,
                                           Console& console);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_PREDICT_H_
