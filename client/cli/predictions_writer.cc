#include "client/cli/predictions_writer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "caviar/v1/prediction.pb.h"
#include "client/cli/json.h"
#include "client/cli/table.h"
#include "common/text/printable.h"

namespace caviar::cli {
namespace {

// Rows of a page, of which the first shapes the columns of all.
constexpr size_t kPageRows = 1000;
// Of the row number when there are more pages than one.
constexpr int kRowWidth = 8;

Cell LabelCell(const PredictedRow& row) { return row.label ? TextCell(*row.label) : TextCell(""); }

class TableWriter : public PredictionsWriter {
 public:
  TableWriter(const Form& form, std::ostream& out) : form_(form), out_(out) {
    page_.columns = {{"row", true}, {"class"}, {"probability", true}};
    if (form.has_labels) page_.columns.emplace_back("label");
  }

  void Add(const PredictedRow& row) override {
    if (page_.rows.size() == kPageRows) {
      KeepWidths();
      Flush();
    }
    std::vector<Cell> cells = {CountCell(row.row), TextCell(form_.classes[row.best]),
                               NumberCell(row.probabilities[row.best])};
    if (form_.has_labels) cells.push_back(LabelCell(row));
    page_.rows.push_back(std::move(cells));
  }

  void Finish(const PredictionsSummary&) override { Flush(); }

 private:
  void KeepWidths() {
    int widest = 0;
    for (const std::string& name : form_.classes) {
      widest = std::max(widest, DisplayWidth(Printable(name)));
    }
    for (Column& column : page_.columns) column.width_min = DisplayWidth(column.name);
    page_.columns[0].width_min = kRowWidth;
    page_.columns[1].width_min = std::max(page_.columns[1].width_min, widest);
  }

  void Flush() {
    const std::string text = RenderTable(page_, form_.width);
    // The heading stands over the first page alone.
    out_ << (is_first_ ? text : text.substr(text.find('\n') + 1));
    page_.rows.clear();
    is_first_ = false;
  }

  const Form form_;
  std::ostream& out_;
  Table page_;
  bool is_first_ = true;
};

class CsvWriter : public PredictionsWriter {
 public:
  CsvWriter(const Form& form, std::ostream& out) : form_(form), out_(out) {
    std::vector<Cell> heading = {TextCell("row"), TextCell("class"), TextCell("probability")};
    if (form.has_labels) heading.push_back(TextCell("label"));
    for (const std::string& name : form.classes) {
      heading.push_back(TextCell("probability." + name));
    }
    out_ << CsvLine(heading);
  }

  void Add(const PredictedRow& row) override {
    std::vector<Cell> cells = {CountCell(row.row), TextCell(form_.classes[row.best]),
                               NumberCell(row.probabilities[row.best])};
    if (form_.has_labels) cells.push_back(LabelCell(row));
    for (const float probability : row.probabilities) cells.push_back(NumberCell(probability));
    out_ << CsvLine(cells);
  }

  void Finish(const PredictionsSummary&) override {}

 private:
  const Form form_;
  std::ostream& out_;
};

// What ToJson() would say of the whole message, piece by piece.
class JsonWriter : public PredictionsWriter {
 public:
  JsonWriter(const Form& form, std::ostream& out) : form_(form), out_(out) {
    out_ << "{\n \"predictions\": [";
  }

  void Add(const PredictedRow& row) override {
    v1::Prediction prediction;
    prediction.set_row(row.row);
    prediction.set_class_(form_.classes[row.best]);
    for (size_t c = 0; c < form_.classes.size(); ++c) {
      (*prediction.mutable_probabilities())[form_.classes[c]] = row.probabilities[c];
    }
    if (row.label) prediction.set_label(*row.label);
    const std::string json = ToJson(prediction);
    out_ << (has_rows_ ? ",\n  " : "\n  ")
         << absl::StrReplaceAll(absl::StripSuffix(json, "\n"), {{"\n", "\n  "}});
    has_rows_ = true;
  }

  void Finish(const PredictionsSummary& summary) override {
    v1::Predictions rest;
    rest.set_labelled_rows(summary.labelled_rows);
    if (summary.accuracy) rest.set_accuracy(*summary.accuracy);
    const std::string json = ToJson(rest);
    out_ << (has_rows_ ? "\n ]" : "]") << json.substr(json.find("[]") + 2);
  }

 private:
  const Form form_;
  std::ostream& out_;
  bool has_rows_ = false;
};

}  // namespace

std::unique_ptr<PredictionsWriter> PredictionsWriter::Create(const Form& form, std::ostream& out) {
  switch (form.format) {
    case OutputFormat::kJson:
      return std::make_unique<JsonWriter>(form, out);
    case OutputFormat::kCsv:
      return std::make_unique<CsvWriter>(form, out);
    case OutputFormat::kTable:
      break;
  }
  return std::make_unique<TableWriter>(form, out);
}

}  // namespace caviar::cli
