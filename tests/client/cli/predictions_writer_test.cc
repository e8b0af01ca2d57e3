#include "client/cli/predictions_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "caviar/v1/prediction.pb.h"
#include "client/cli/json.h"

namespace caviar::cli {
namespace {

// Classes -1 and big; every second row is of big; the first rows have labels.
std::string Write(OutputFormat format, bool has_labels, int rows) {
  std::ostringstream out;
  const auto writer = PredictionsWriter::Create({format, 0, {"-1", "big"}, has_labels}, out);
  PredictionsSummary summary;
  for (int i = 1; i <= rows; ++i) {
    const float probabilities[] = {i % 2 == 0 ? 0.25f : 0.75f, i % 2 == 0 ? 0.75f : 0.25f};
    PredictedRow row{static_cast<uint32_t>(i), probabilities, i % 2 == 0 ? size_t{1} : 0, {}};
    if (has_labels && i < 3) {
      row.label = "big";
      ++summary.labelled_rows;
    }
    writer->Add(row);
  }
  if (summary.labelled_rows > 0) summary.accuracy = 0.5;
  writer->Finish(summary);
  return out.str();
}

TEST(PredictionsWriterTest, WritesTheJsonOfTheWholeMessage) {
  for (const int rows : {0, 1, 3}) {
    for (const bool has_labels : {false, true}) {
      v1::Predictions all;
      for (int i = 1; i <= rows; ++i) {
        v1::Prediction& prediction = *all.add_predictions();
        prediction.set_row(static_cast<uint32_t>(i));
        prediction.set_class_(i % 2 == 0 ? "big" : "-1");
        (*prediction.mutable_probabilities())["-1"] = i % 2 == 0 ? 0.25 : 0.75;
        (*prediction.mutable_probabilities())["big"] = i % 2 == 0 ? 0.75 : 0.25;
        if (has_labels && i < 3) prediction.set_label("big");
      }
      if (has_labels && rows > 0) {
        all.set_labelled_rows(static_cast<uint32_t>(std::min(rows, 2)));
        all.set_accuracy(0.5);
      }
      // A map has no order of its own.
      const auto sorted = [](const std::string& json) {
        std::vector<std::string> lines = absl::StrSplit(json, '\n');
        for (std::string& line : lines) {
          if (!line.empty() && line.back() == ',') line.pop_back();
        }
        std::sort(lines.begin(), lines.end());
        return lines;
      };
      EXPECT_EQ(sorted(Write(OutputFormat::kJson, has_labels, rows)), sorted(ToJson(all)));
    }
  }
}

TEST(PredictionsWriterTest, WritesAllClassesToCsvInLabelOrder) {
  EXPECT_EQ(Write(OutputFormat::kCsv, true, 3),
            "row,class,probability,label,probability.-1,probability.big\r\n"
            "1,-1,0.75,big,0.75,0.25\r\n2,big,0.75,big,0.25,0.75\r\n3,-1,0.75,,0.75,0.25\r\n");
}

TEST(PredictionsWriterTest, WritesASmallTableAsSuch) {
  EXPECT_EQ(Write(OutputFormat::kTable, false, 2),
            "row  class  probability\n  1  -1            0.75\n  2  big           0.75\n");
}

// More rows than are held at once.
TEST(PredictionsWriterTest, AlignsALongTableFromPageToPage) {
  const std::string text = Write(OutputFormat::kTable, false, 12'345);
  const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 1u + 12'345);
  for (const std::string& line : lines) ASSERT_EQ(line.size(), lines[0].size()) << line;
  EXPECT_TRUE(absl::EndsWith(lines[0], "row  class  probability")) << lines[0];
  EXPECT_TRUE(absl::StrContains(lines.back(), "12345  -1")) << lines.back();
}

}  // namespace
}  // namespace caviar::cli
