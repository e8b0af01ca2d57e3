// Applies a saved model to a file of rows: `caviar predict`.
//
// Threads: pure but for the files read.
// Errors:  what model and reader say, naming file, line, column and value.
#ifndef CAVIAR_CLIENT_CLI_PREDICT_H_
#define CAVIAR_CLIENT_CLI_PREDICT_H_

#include <string>

#include "absl/status/statusor.h"
#include "caviar/v1/dataset.pb.h"
#include "caviar/v1/prediction.pb.h"
#include "client/cli/table.h"

namespace caviar::cli {

struct PredictRequest {
  std::string model_path;
  std::string data_path;
  std::string labels_path;  // IDX and NPY; may be empty
  v1::ImportSettings::Header header = v1::ImportSettings::DETECT;
};

absl::StatusOr<v1::Predictions> Predict(const PredictRequest& request);

// People get the class and its probability; CSV all classes.
Table PredictionsTable(const v1::Predictions& predictions, bool with_all_classes);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_PREDICT_H_
