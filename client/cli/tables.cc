#include "client/cli/tables.h"

#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/cells.h"
#include "client/cli/parameter_names.h"
#include "client/cli/progress.h"
#include "client/cli/trial_changes.h"

namespace caviar::cli {
namespace {

using ::google::protobuf::Struct;
using Metrics = ::google::protobuf::Map<std::string, double>;

// What goes first where a terminal is narrow (Column::Expendable): facts about the run, then
// parameters from the right, then what stands beside the result.
constexpr int kFacts = 1000;
constexpr int kParametersRank = 100;
// A name longer than this is cut where there is no room, and so is free text.
constexpr int kNameMin = 32;
constexpr int kProseMin = 20;

void AddPoint(const Struct& point, const std::vector<std::string>& names, std::vector<Cell>& row) {
  for (const std::string& name : names) {
    const auto found = point.fields().find(name);
    row.push_back(found == point.fields().end() ? NoCell() : ValueCell(found->second));
  }
}

void AddMetrics(const Metrics& metrics, const std::set<std::string>& names,
                std::vector<Cell>& row) {
  for (const std::string& name : names) {
    const auto found = metrics.find(name);
    row.push_back(found == metrics.end() ? NoCell() : MetricCell(name, found->second));
  }
}

template <typename Rows>
std::set<std::string> MetricNames(const Rows& rows) {
  std::set<std::string> names;
  for (const auto& row : rows) {
    for (const auto& [name, value] : row.metrics()) names.insert(name);
  }
  return names;
}

void AddColumns(const std::vector<std::string>& points, const std::set<std::string>& metrics,
                Table& table) {
  int rank = kParametersRank;
  for (const std::string& name : points) {
    table.columns.push_back(Column(name, absl::StrCat("point.", name), true).Expendable(rank++));
  }
  for (const std::string& name : metrics) {
    table.columns.push_back(Column(name, absl::StrCat("metrics.", name), true).Expendable(rank++));
  }
}

// Among the measurements of a curve: validation decides, training explains, and the rest is known
// or seldom asked for.
int ExpendableMetric(absl::string_view name) {
  const bool is_loss = absl::EndsWith(name, "_loss");
  if (absl::StartsWith(name, "validation_")) return is_loss ? 1 : 2;
  if (absl::StartsWith(name, "train_")) return is_loss ? 3 : 4;
  return 5;
}

// What the epoch was the first to be trained with.
std::string ChangesBefore(const v1::Curve& curve, uint32_t epoch) {
  std::vector<std::string> changes;
  for (int i = 0; i < curve.adjustments_size(); ++i) {
    if (curve.adjustments(i).after_epoch() + 1 != epoch) continue;
    if (!IsUndone(curve.adjustments(), i)) changes.push_back(ChangeText(curve.adjustments(i)));
  }
  return absl::StrJoin(changes, "; ");
}

std::string RowsText(const v1::DatasetPart& part) { return Counted(part.rows(), "row"); }

}  // namespace

Table JobsTable(const v1::ListJobsResponse& jobs) {
  Table table;
  table.columns = {{"job", true},
                   Column("name").ShortensTo(kNameMin),
                   {"state"},
                   {"trials", true},
                   {"budget", true},
                   Column("running", true).Expendable(2),
                   Column("best", true).Expendable(1),
                   Column("best_trial", true).Expendable(3),
                   Column("metric").Expendable(4),
                   Column("dataset").ShortensTo(kNameMin).Expendable(5),
                   Column("created").Expendable(6)};
  table.if_empty = "no jobs yet; submit one with caviar submit JOB.yaml";
  for (const v1::Job& job : jobs.jobs()) {
    table.rows.push_back({CountCell(job.id()), TextCell(job.name()),
                          TextCell(StateWord(job.state())), CountCell(DoneTrials(job.trials())),
                          CountCell(job.spec().budget().trials()),
                          CountCell(job.trials().running()),
                          job.has_best_value() ? NumberCell(job.best_value()) : NoCell(),
                          job.has_best_trial() ? CountCell(job.best_trial()) : NoCell(),
                          TextCell(job.spec().objective().metric()), TextCell(job.spec().dataset()),
                          TimeCell(job.has_created_at(), job.created_at())});
  }
  return table;
}

Table LeaderboardTable(const v1::Leaderboard& leaderboard, bool with_metrics) {
  ParameterNames points;
  for (const auto& entry : leaderboard.entries()) points.Add(entry.point());
  const std::vector<std::string> names = points.Ordered();
  std::set<std::string> metrics;
  if (with_metrics) metrics = MetricNames(leaderboard.entries());

  Table table;
  const std::string& metric = leaderboard.job().spec().objective().metric();
  table.columns = {{"rank", true},
                   {"trial", true},
                   {metric.empty() ? "value" : metric, "value", true},
                   {"state"},
                   {"epochs", true}};
  AddColumns(names, metrics, table);
  table.columns.push_back(Column("seconds", true).Expendable(kFacts));
  table.columns.push_back(Column("worker").Expendable(kFacts + 1));
  table.if_empty = "no trial yet";
  for (const v1::LeaderboardEntry& entry : leaderboard.entries()) {
    std::vector<Cell> row = {entry.rank() > 0 ? CountCell(entry.rank()) : NoCell(),
                             CountCell(entry.trial()),
                             entry.has_value() ? NumberCell(entry.value()) : NoCell(),
                             TextCell(StateWord(entry.state())), CountCell(entry.epochs())};
    AddPoint(entry.point(), names, row);
    AddMetrics(entry.metrics(), metrics, row);
    row.push_back(SecondsCell(entry.seconds()));
    row.push_back(TextCell(entry.worker()));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table TrialsTable(const v1::ListTrialsResponse& trials, bool with_metrics) {
  ParameterNames points;
  for (const auto& trial : trials.trials()) points.Add(trial.point());
  const std::vector<std::string> names = points.Ordered();
  std::set<std::string> metrics;
  if (with_metrics) metrics = MetricNames(trials.trials());

  Table table;
  table.columns = {{"trial", true},
                   {"state"},
                   {"value", true},
                   Column("best_epoch", true).Expendable(2),
                   Column("epochs", true).Expendable(1)};
  AddColumns(names, metrics, table);
  table.columns.push_back(Column("seconds", true).Expendable(kFacts));
  table.columns.push_back(Column("worker").Expendable(kFacts + 1));
  table.columns.push_back(Column("attempt", true).Expendable(kFacts + 2));
  table.columns.push_back(Column("reason").Expendable(3).ShortensTo(kProseMin));
  table.columns.push_back(Column("changes").Expendable(4).ShortensTo(kProseMin));
  table.if_empty = "no trial yet";
  for (const v1::Trial& trial : trials.trials()) {
    std::vector<Cell> row = {CountCell(trial.number()), TextCell(StateWord(trial.state())),
                             trial.has_value() ? NumberCell(trial.value()) : NoCell(),
                             trial.best_epoch() > 0 ? CountCell(trial.best_epoch()) : NoCell(),
                             CountCell(trial.epochs())};
    AddPoint(trial.point(), names, row);
    AddMetrics(trial.metrics(), metrics, row);
    row.push_back(SecondsCell(trial.seconds()));
    row.push_back(TextCell(trial.worker()));
    row.push_back(CountCell(trial.attempt()));
    row.push_back(TextCell(trial.reason()));
    row.push_back(TextCell(ChangesNote(trial)));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table CurveTable(const v1::Curve& curve) {
  Table table;
  table.columns = {{"epoch", true}};
  const std::set<std::string> metrics = MetricNames(curve.measurements());
  for (const std::string& name : metrics) {
    table.columns.push_back(Column(name, true).Expendable(ExpendableMetric(name)));
  }
  const bool has_changes = curve.adjustments_size() > 0;
  if (has_changes) table.columns.push_back(Column("changed").ShortensTo(kProseMin));
  table.if_empty = absl::StrCat("trial ", curve.trial(), " has measured nothing yet");
  for (const v1::Measurement& measurement : curve.measurements()) {
    std::vector<Cell> row = {CountCell(measurement.epoch())};
    AddMetrics(measurement.metrics(), metrics, row);
    if (has_changes) row.push_back(TextCell(ChangesBefore(curve, measurement.epoch())));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table ImportanceTable(const v1::Importance& importance) {
  const bool has_deviation = importance.method() == v1::GetImportanceRequest::FANOVA;
  Table table;
  table.columns = {{"parameter"}, {"importance", true}};
  if (has_deviation) table.columns.push_back(Column("deviation", true).Expendable(1));
  table.if_empty = "the job has no search space";
  for (const v1::ParameterImportance& parameter : importance.parameters()) {
    std::vector<Cell>& row = table.rows.emplace_back();
    row = {TextCell(parameter.name()), ShareCell(parameter.importance())};
    if (!has_deviation) continue;
    row.push_back(parameter.has_deviation() ? ShareCell(parameter.deviation()) : NoCell());
  }
  return table;
}

Table WorkersTable(const v1::ListWorkersResponse& workers) {
  Table table;
  table.columns = {Column("name").ShortensTo(kNameMin),
                   {"state"},
                   {"slots", true},
                   {"busy", true},
                   Column("id").Expendable(4),
                   Column("hardware").Expendable(2).ShortensTo(kProseMin),
                   Column("version").Expendable(3),
                   Column("last_seen").Expendable(1)};
  table.if_empty =
      "no worker has connected yet; start one with caviar-worker --coordinator HOST:PORT";
  for (const v1::Worker& worker : workers.workers()) {
    table.rows.push_back({TextCell(worker.name()),
                          TextCell(absl::AsciiStrToLower(v1::Worker::State_Name(worker.state()))),
                          CountCell(worker.slots()), CountCell(worker.busy_slots()),
                          TextCell(worker.id()), TextCell(worker.hardware()),
                          TextCell(worker.version()),
                          TimeCell(worker.has_last_seen_at(), worker.last_seen_at())});
  }
  return table;
}

Table DatasetsTable(const v1::ListDatasetsResponse& datasets) {
  Table table;
  table.columns = {Column("name").ShortensTo(kNameMin),
                   {"features", true},
                   {"classes", true},
                   {"train", true},
                   {"validation", true},
                   {"test", true},
                   Column("target").Expendable(1).ShortensTo(kProseMin),
                   Column("created").Expendable(2),
                   Column("digest").Expendable(3)};
  table.if_empty = "no data sets yet; import one with caviar dataset import";
  for (const v1::Dataset& dataset : datasets.datasets()) {
    table.rows.push_back(
        {TextCell(dataset.name()), CountCell(dataset.preprocessing().features()),
         CountCell(dataset.preprocessing().classes_size()), CountCell(dataset.train().rows()),
         CountCell(dataset.validation().rows()), CountCell(dataset.test().rows()),
         TextCell(dataset.preprocessing().target()),
         TimeCell(dataset.has_created_at(), dataset.created_at()), DigestCell(dataset.digest())});
  }
  return table;
}

Table DatasetTable(const v1::Dataset& dataset) {
  Table table = DetailsTable();
  AddDetail(table, "name", TextCell(dataset.name()));
  AddDetail(table, "digest", TextCell(dataset.digest()));
  AddDetail(table, "created", TimeCell(dataset.has_created_at(), dataset.created_at()));
  AddDetail(table, "target", TextCell(dataset.preprocessing().target()));
  AddDetail(table, "features", CountCell(dataset.preprocessing().features()));
  AddDetail(table, "classes", TextCell(absl::StrJoin(dataset.preprocessing().classes(), ", ")));
  AddDetail(table, "train", TextCell(RowsText(dataset.train())));
  AddDetail(table, "validation", TextCell(RowsText(dataset.validation())));
  AddDetail(table, "test", TextCell(RowsText(dataset.test())));
  for (const std::string& decision : dataset.decisions()) {
    AddDetail(table, "decided", TextCell(decision));
  }
  for (const std::string& warning : dataset.warnings()) {
    AddDetail(table, "warning", TextCell(warning));
  }
  return table;
}

}  // namespace caviar::cli
