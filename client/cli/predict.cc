#include "client/cli/predict.h"

#include <algorithm>
#include <memory>
#include <set>
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
  explicit Predictor(inference::Model& model) : model_(model) {}

  absl::Status Take(const Batch& batch) {
    CAVIAR_ASSIGN_OR_RETURN(const std::vector<float> probabilities, model_.Predict(batch.x));
    const size_t classes = static_cast<size_t>(model_.classes());
    for (size_t i = 0; i < batch.labels.size(); ++i) {
      AddRow(std::span(probabilities).subspan(i * classes, classes), batch.labels[i]);
    }
    return absl::OkStatus();
  }

  v1::Predictions Finish() {
    const uint32_t labelled = result_.labelled_rows();
    if (labelled > 0) result_.set_accuracy(static_cast<double>(right_) / labelled);
    return std::move(result_);
  }

 private:
  void AddRow(std::span<const float> probabilities, const data::RowLabel& label) {
    v1::Prediction& prediction = *result_.add_predictions();
    prediction.set_row(static_cast<uint32_t>(result_.predictions_size()));
    const size_t best =
        std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin();
    prediction.set_class_(model_.class_names()[best]);
    for (size_t c = 0; c < probabilities.size(); ++c) {
      (*prediction.mutable_probabilities())[model_.class_names()[c]] = probabilities[c];
    }
    if (label.state == data::RowLabel::State::kAbsent) return;
    prediction.set_label(label.text);
    result_.set_labelled_rows(result_.labelled_rows() + 1);
    if (label.label == static_cast<int32_t>(best)) ++right_;
  }

  inference::Model& model_;
  v1::Predictions result_;
  uint32_t right_ = 0;
};

}  // namespace

absl::StatusOr<v1::Predictions> Predict(const PredictRequest& request) {
  CAVIAR_ASSIGN_OR_RETURN(const std::unique_ptr<inference::Model> model,
                          inference::Model::Open(request.model_path));
  CAVIAR_ASSIGN_OR_RETURN(
      const std::unique_ptr<data::RowReader> reader,
      data::RowReader::Open(model->preprocessing(), data::InputFile{request.data_path, ""},
                            data::InputFile{request.labels_path, ""}, request.header));
  const size_t features = static_cast<size_t>(model->features());
  Predictor predictor(*model);
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

Table PredictionsTable(const v1::Predictions& predictions, bool with_all_classes) {
  const bool has_labels = predictions.labelled_rows() > 0;
  std::set<std::string> classes;
  if (with_all_classes && predictions.predictions_size() > 0) {
    for (const auto& [name, share] : predictions.predictions(0).probabilities()) {
      classes.insert(name);
    }
  }
  Table table;
  table.columns = {{"row", true}, {"class"}, {"probability", true}};
  if (has_labels) table.columns.emplace_back("label");
  for (const std::string& name : classes) {
    table.columns.emplace_back(name, "probability." + name, true);
  }
  for (const v1::Prediction& prediction : predictions.predictions()) {
    std::vector<Cell> row = {CountCell(prediction.row()), TextCell(prediction.class_()),
                             NumberCell(prediction.probabilities().at(prediction.class_()))};
    if (has_labels) row.push_back(TextCell(prediction.label()));
    for (const std::string& name : classes) {
      row.push_back(NumberCell(prediction.probabilities().at(name)));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace caviar::cli
