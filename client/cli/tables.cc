#include "client/cli/tables.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "client/cli/json.h"
#include "client/cli/progress.h"
#include "common/hyperparameters/hyperparameters.h"

namespace caviar::cli {
namespace {

using ::google::protobuf::Struct;
using ::google::protobuf::Timestamp;
using ::google::protobuf::Value;
using Metrics = ::google::protobuf::Map<std::string, double>;

Cell TimeCell(bool is_set, const Timestamp& time) {
  if (!is_set) return NoCell();
  const absl::Time instant = absl::FromUnixSeconds(time.seconds());
  return {absl::FormatTime("%Y-%m-%d %H:%M:%S", instant, absl::LocalTimeZone()),
          absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", instant, absl::UTCTimeZone()), false};
}

// Names of hyperparameters, in the order of the trainer's list, others after them.
class OrderedNames {
 public:
  void Add(const std::string& name) { seen_.insert(name); }
  void Add(const Struct& point) {
    for (const auto& [name, value] : point.fields()) Add(name);
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    std::set<std::string> rest = seen_;
    for (const Hyperparameter& hyperparameter : AllHyperparameters()) {
      if (rest.erase(hyperparameter.name) > 0) names.push_back(hyperparameter.name);
    }
    names.insert(names.end(), rest.begin(), rest.end());
    return names;
  }

 private:
  std::set<std::string> seen_;
};

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
    row.push_back(found == metrics.end() ? NoCell() : NumberCell(found->second));
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
  for (const std::string& name : points) {
    table.columns.emplace_back(name, absl::StrCat("point.", name), true);
  }
  for (const std::string& name : metrics) {
    table.columns.emplace_back(name, absl::StrCat("metrics.", name), true);
  }
}

Table Details() {
  Table table;
  table.columns = {{"field"}, {"value"}};
  table.has_heading = false;
  return table;
}

void AddDetail(Table& table, absl::string_view name, Cell cell) {
  if (!cell.text.empty()) table.rows.push_back({TextCell(name), std::move(cell)});
}

std::string CountsText(const v1::TrialCounts& counts) {
  std::vector<std::string> parts = {absl::StrCat(counts.created(), " created")};
  const struct {
    const char* word;
    uint32_t count;
  } others[] = {{"pending", counts.pending()}, {"running", counts.running()},
                {"paused", counts.paused()},   {"completed", counts.completed()},
                {"pruned", counts.pruned()},   {"infeasible", counts.infeasible()},
                {"failed", counts.failed()},   {"cancelled", counts.cancelled()}};
  for (const auto& other : others) {
    if (other.count > 0) parts.push_back(absl::StrCat(other.count, " ", other.word));
  }
  return absl::StrJoin(parts, ", ");
}

// A domain, value or sampler as short JSON.
std::string Short(const google::protobuf::Message& message) {
  std::string text = ToJsonLine(message);
  absl::StripTrailingAsciiWhitespace(&text);
  return text;
}

std::string RowsText(const v1::DatasetPart& part) { return absl::StrCat(part.rows(), " rows"); }

}  // namespace

Cell ValueCell(const Value& value) {
  switch (value.kind_case()) {
    case Value::kNumberValue:
      return NumberCell(value.number_value());
    case Value::kStringValue:
      return TextCell(value.string_value());
    case Value::kBoolValue:
      return TextCell(value.bool_value() ? "true" : "false");
    default:
      return TextCell(value.kind_case() == Value::KIND_NOT_SET ? "" : Short(value));
  }
}

std::string JobSentence(const v1::Job& job) {
  std::string text =
      absl::StrCat("job ", job.id(), " (", job.name(), "): ", StateWord(job.state()), ", ",
                   DoneTrials(job.trials()), " of ", job.spec().budget().trials(), " trials");
  if (job.has_best_value()) {
    absl::StrAppend(&text, ", best ", job.spec().objective().metric(), " ",
                    ShortNumber(job.best_value()), " (trial ", job.best_trial(), ")");
  }
  if (!job.reason().empty()) absl::StrAppend(&text, "; ", job.reason());
  return text;
}

Table JobsTable(const v1::ListJobsResponse& jobs) {
  Table table;
  table.columns = {{"job", true},    {"name"},          {"state"},      {"trials", true},
                   {"budget", true}, {"running", true}, {"best", true}, {"best_trial", true},
                   {"metric"},       {"dataset"},       {"created"}};
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

Table JobTable(const v1::Job& job) {
  const v1::JobSpec& spec = job.spec();
  Table table = Details();
  AddDetail(table, "job", CountCell(job.id()));
  AddDetail(table, "name", TextCell(job.name()));
  AddDetail(table, "state", TextCell(StateWord(job.state())));
  AddDetail(table, "reason", TextCell(job.reason()));
  AddDetail(table, "dataset", TextCell(spec.dataset()));
  AddDetail(table, "objective",
            TextCell(absl::StrCat(
                absl::AsciiStrToLower(v1::Objective::Direction_Name(spec.objective().direction())),
                " ", spec.objective().metric())));
  AddDetail(table, "trials", TextCell(CountsText(job.trials())));
  if (job.has_best_value()) {
    AddDetail(
        table, "best",
        TextCell(absl::StrCat(ExactNumber(job.best_value()), " (trial ", job.best_trial(), ")")));
  }
  AddDetail(
      table, "epochs",
      TextCell(absl::StrCat(job.epochs_done(), " done, ", job.epochs_repeated(), " repeated")));
  AddDetail(table, "budget", TextCell(Short(spec.budget())));
  AddDetail(table, "sampler", TextCell(Short(spec.sampler())));
  OrderedNames searched, fixed;
  for (const auto& [name, domain] : spec.space()) searched.Add(name);
  fixed.Add(spec.fixed());
  for (const std::string& name : searched.Names()) {
    AddDetail(table, absl::StrCat("space.", name), TextCell(Short(spec.space().at(name))));
  }
  for (const std::string& name : fixed.Names()) {
    AddDetail(table, absl::StrCat("fixed.", name), ValueCell(spec.fixed().fields().at(name)));
  }
  AddDetail(table, "seed", CountCell(spec.seed()));
  AddDetail(table, "weight", NumberCell(spec.weight()));
  AddDetail(table, "created", TimeCell(job.has_created_at(), job.created_at()));
  AddDetail(table, "started", TimeCell(job.has_started_at(), job.started_at()));
  AddDetail(table, "ended", TimeCell(job.has_ended_at(), job.ended_at()));
  for (const std::string& warning : job.warnings()) AddDetail(table, "warning", TextCell(warning));
  return table;
}

Table LeaderboardTable(const v1::Leaderboard& leaderboard, bool with_metrics) {
  OrderedNames points;
  for (const auto& entry : leaderboard.entries()) points.Add(entry.point());
  const std::vector<std::string> names = points.Names();
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
  table.columns.emplace_back("seconds", true);
  table.columns.emplace_back("worker");
  for (const v1::LeaderboardEntry& entry : leaderboard.entries()) {
    std::vector<Cell> row = {entry.rank() > 0 ? CountCell(entry.rank()) : NoCell(),
                             CountCell(entry.trial()),
                             entry.has_value() ? NumberCell(entry.value()) : NoCell(),
                             TextCell(StateWord(entry.state())), CountCell(entry.epochs())};
    AddPoint(entry.point(), names, row);
    AddMetrics(entry.metrics(), metrics, row);
    row.push_back(NumberCell(entry.seconds()));
    row.push_back(TextCell(entry.worker()));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table TrialsTable(const v1::ListTrialsResponse& trials, bool with_metrics) {
  OrderedNames points;
  for (const auto& trial : trials.trials()) points.Add(trial.point());
  const std::vector<std::string> names = points.Names();
  std::set<std::string> metrics;
  if (with_metrics) metrics = MetricNames(trials.trials());

  Table table;
  table.columns = {
      {"trial", true}, {"state"}, {"value", true}, {"best_epoch", true}, {"epochs", true}};
  AddColumns(names, metrics, table);
  table.columns.emplace_back("seconds", true);
  table.columns.emplace_back("worker");
  table.columns.emplace_back("attempt", true);
  table.columns.emplace_back("reason");
  for (const v1::Trial& trial : trials.trials()) {
    std::vector<Cell> row = {CountCell(trial.number()), TextCell(StateWord(trial.state())),
                             trial.has_value() ? NumberCell(trial.value()) : NoCell(),
                             trial.best_epoch() > 0 ? CountCell(trial.best_epoch()) : NoCell(),
                             CountCell(trial.epochs())};
    AddPoint(trial.point(), names, row);
    AddMetrics(trial.metrics(), metrics, row);
    row.push_back(NumberCell(trial.seconds()));
    row.push_back(TextCell(trial.worker()));
    row.push_back(CountCell(trial.attempt()));
    row.push_back(TextCell(trial.reason()));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table CurveTable(const v1::Curve& curve) {
  Table table;
  table.columns = {{"epoch", true}};
  const std::set<std::string> metrics = MetricNames(curve.measurements());
  for (const std::string& name : metrics) table.columns.emplace_back(name, true);
  for (const v1::Measurement& measurement : curve.measurements()) {
    std::vector<Cell> row = {CountCell(measurement.epoch())};
    AddMetrics(measurement.metrics(), metrics, row);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table WorkersTable(const v1::ListWorkersResponse& workers) {
  Table table;
  table.columns = {{"name"}, {"state"},    {"slots", true}, {"busy", true},
                   {"id"},   {"hardware"}, {"version"},     {"last_seen"}};
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
  table.columns = {{"name"},        {"features", true},   {"classes", true},
                   {"train", true}, {"validation", true}, {"test", true},
                   {"target"},      {"created"},          {"digest"}};
  for (const v1::Dataset& dataset : datasets.datasets()) {
    table.rows.push_back(
        {TextCell(dataset.name()), CountCell(dataset.preprocessing().features()),
         CountCell(dataset.preprocessing().classes_size()), CountCell(dataset.train().rows()),
         CountCell(dataset.validation().rows()), CountCell(dataset.test().rows()),
         TextCell(dataset.preprocessing().target()),
         TimeCell(dataset.has_created_at(), dataset.created_at()), TextCell(dataset.digest())});
  }
  return table;
}

Table DatasetTable(const v1::Dataset& dataset) {
  Table table = Details();
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
