// Writes predictions as they are made, so that a file may have any number of rows: memory holds a
// page of them at most.
//
// JSON is one v1.Predictions; CSV has all classes in label order; people get the class and its
// probability, in columns that fit from page to page.
//
// Threads: one owner.
#ifndef CAVIAR_CLIENT_CLI_PREDICTIONS_WRITER_H_
#define CAVIAR_CLIENT_CLI_PREDICTIONS_WRITER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "client/cli/console.h"

namespace caviar::cli {

struct PredictedRow {
  uint32_t row = 0;                      // of the file, from 1
  std::span<const float> probabilities;  // one a class, in label order
  size_t best = 0;                       // the most probable class
  std::optional<std::string> label;      // what the file says
};

struct PredictionsSummary {
  uint32_t labelled_rows = 0;
  std::optional<double> accuracy;  // of the labelled rows; absent without them
};

class PredictionsWriter {
 public:
  struct Form {
    OutputFormat format = OutputFormat::kTable;
    int width = 0;  // columns of the terminal; 0: as wide as it takes
    std::vector<std::string> classes;
    bool has_labels = false;  // whether rows may have them
  };

  static std::unique_ptr<PredictionsWriter> Create(const Form& form, std::ostream& out);
  virtual ~PredictionsWriter() = default;

  virtual void Add(const PredictedRow& row) = 0;
  // Call once, last.
  virtual void Finish(const PredictionsSummary& summary) = 0;
};

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_PREDICTIONS_WRITER_H_
