#include "client/cli/rerun_page.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/cells.h"
#include "client/cli/job_sentence.h"
#include "client/cli/number_text.h"
#include "client/cli/parameter_names.h"
#include "common/text/printable.h"

namespace caviar::cli {
namespace {

// What goes first where a terminal is narrow: the point, from the right; then the test part.
constexpr int kParameters = 100;

Cell MeanCell(bool is_present, const v1::Estimate& estimate) {
  return is_present ? NumberCell(estimate.mean()) : NoCell();
}

}  // namespace

Table RerunTable(const v1::Rerun& rerun) {
  const v1::Job& job = rerun.job();
  const std::string& metric = job.spec().objective().metric();
  Table table;
  table.columns = {{"rank", true},
                   {"trial", true},
                   {"old_rank", true},
                   Column("old_value", true).Expendable(2),
                   {metric.empty() ? "mean" : metric, "mean", true},
                   {"low", true},
                   {"high", true},
                   Column("seeds", true).Expendable(1),
                   Column("test_accuracy", true).Expendable(3)};
  ParameterNames points;
  for (const v1::RerunEntry& entry : rerun.entries()) points.Add(entry.point());
  const std::vector<std::string> names = points.Ordered();
  int expendable = kParameters;
  for (const std::string& name : names) {
    table.columns.push_back(
        Column(name, absl::StrCat("point.", name), true).Expendable(expendable++));
  }
  table.if_empty = "no points";
  for (const v1::RerunEntry& entry : rerun.entries()) {
    const v1::Estimate& value = entry.value();
    std::vector<Cell>& row = table.rows.emplace_back();
    row = {entry.rank() > 0 ? CountCell(entry.rank()) : NoCell(),
           CountCell(entry.source().trial()),
           CountCell(entry.source().rank()),
           NumberCell(entry.source().value()),
           MeanCell(entry.has_value(), value),
           value.has_low() ? NumberCell(value.low()) : NoCell(),
           value.has_high() ? NumberCell(value.high()) : NoCell(),
           CountCell(value.count()),
           MeanCell(entry.has_test_accuracy(), entry.test_accuracy())};
    for (const std::string& name : names) {
      const auto found = entry.point().fields().find(name);
      row.push_back(found == entry.point().fields().end() ? NoCell() : ValueCell(found->second));
    }
  }
  return table;
}

void PrintRerun(Console& console, OutputFormat format, const v1::Rerun& rerun) {
  const bool is_table = format == OutputFormat::kTable;
  if (is_table) {
    console.out << Printable(JobSentence(rerun.job())) << "\n"
                << Printable(OriginText(rerun.job().origin())) << "\n\n";
  }
  Print(console, format, rerun, RerunTable(rerun));
  if (is_table && rerun.findings_size() > 0) {
    console.out << "\n";
    for (const std::string& finding : rerun.findings()) {
      console.out << Printable(finding) << "\n";
    }
  }
  console.out.flush();
}

std::string OriginText(const v1::Origin& origin) {
  const bool is_repeat = origin.kind() == v1::Origin::REPEAT;
  return absl::StrCat(is_repeat ? "repeats" : "retests", " the best ",
                      Counted(origin.sources_size(), "point"), " of job ", origin.job(), " (",
                      origin.job_name(), ") with ", Counted(origin.seeds(), "seed"), " each");
}

std::string ReplaySentence(const v1::Replay& replay) {
  const std::string counts = absl::StrCat(Counted(replay.points(), "point"), " and ",
                                          Counted(replay.decisions(), "decision"));
  if (replay.difference().empty()) {
    return absl::StrCat(counts, " of job ", replay.job(), " came out as recorded");
  }
  return absl::StrCat("job ", replay.job(), " does not replay: ", replay.difference(), "; ", counts,
                      " before it came out as recorded");
}

}  // namespace caviar::cli
