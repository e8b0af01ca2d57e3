#include "client/cli/predict.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "common/data/preprocess.h"
#include "common/status/status_macros.h"
#include "worker/inference/model.h"

namespace caviar::cli {
namespace {

// Enough for BLAS to be busy, little enough for any memory.
constexpr size_t kBatchRows = 1024;

// Rows that wait for the model.
struct Batch {
  std::vector<float> x;
  std::vector<data::RowLabel> labels;
};

class Predictor {
 public:
  Predictor(inference::Model& model, PredictionsWriter& writer) : model_(model), writer_(writer) {}

  absl::Status Take(const Batch& batch) {
    CAVIAR_ASSIGN_OR_RETURN(const std::vector<float> probabilities, model_.Predict(batch.x));
    const size_t classes = static_cast<size_t>(model_.classes());
    for (size_t i = 0; i < batch.labels.size(); ++i) {
      AddRow(std::span(probabilities).subspan(i * classes, classes), batch.labels[i]);
    }
    return absl::OkStatus();
  }

  PredictionsSummary Finish() {
    if (summary_.labelled_rows > 0) {
      summary_.accuracy = static_cast<double>(right_) / summary_.labelled_rows;
    }
    writer_.Finish(summary_);
    return summary_;
  }

 private:
  void AddRow(std::span<const float> probabilities, const data::RowLabel& label) {
    PredictedRow row;
    row.row = ++rows_;
    row.probabilities = probabilities;
    row.best = std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin();
    if (label.state != data::RowLabel::State::kAbsent) {
      row.label = label.text;
      ++summary_.labelled_rows;
      if (label.label == static_cast<int32_t>(row.best)) ++right_;
    }
    writer_.Add(row);
  }

  inference::Model& model_;
  PredictionsWriter& writer_;
  PredictionsSummary summary_;
  uint32_t rows_ = 0;
  uint32_t right_ = 0;
};

}  // namespace

absl::StatusOr<PredictionsSummary> Predict(const PredictRequest& request, OutputFormat format,
                                           Console& console) {
  CAVIAR_ASSIGN_OR_RETURN(const std::unique_ptr<inference::Model> model,
                          inference::Model::Open(request.model_path));
  CAVIAR_ASSIGN_OR_RETURN(
      const std::unique_ptr<data::RowReader> reader,
      data::RowReader::Open(
          model->preprocessing(), data::InputFile{request.data_path, request.data_path},
          data::InputFile{request.labels_path, request.labels_path}, request.header));
  const std::unique_ptr<PredictionsWriter> writer = PredictionsWriter::Create(
      {format, console.width, model->class_names(), reader->has_labels()}, console.out);
  const size_t features = static_cast<size_t>(model->features());
  Predictor predictor(*model, *writer);
  for (bool has_more = true; has_more;) {
    Batch batch;
    while (batch.labels.size() < kBatchRows) {
      data::RowLabel label;
      batch.x.resize((batch.labels.size() + 1) * features);
      CAVIAR_ASSIGN_OR_RETURN(
          has_more,
          reader->Next(std::span(batch.x).subspan(batch.labels.size() * features), &label));
      if (!has_more) break;
      batch.labels.push_back(std::move(label));
    }
    batch.x.resize(batch.labels.size() * features);
    if (!batch.labels.empty()) CAVIAR_RETURN_IF_ERROR(predictor.Take(batch));
  }
  return predictor.Finish();
}

}  // namespace caviar::cli
