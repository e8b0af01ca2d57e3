#include "tests/contract/sample_records.h"

#include <google/protobuf/text_format.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace caviar::store {
namespace {

// Jobs and trials that SampleWrites uses: 1 … the bound.
constexpr uint32_t kJobs = kQuietJob - 1;
constexpr uint32_t kTrials = 5;
constexpr uint32_t kEpochs = 6;
constexpr size_t kRowsMax = 1000;

std::string Text(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(message, &text);
  return absl::StrCat(text, "\n");
}

template <typename Records>
void AppendSorted(const Records& records, std::string& text) {
  std::vector<std::string> lines;
  for (const auto& record : records) lines.push_back(Text(record));
  std::sort(lines.begin(), lines.end());
  for (const std::string& line : lines) absl::StrAppend(&text, line);
}

}  // namespace

v1::JobRecord SampleJob(uint32_t job, uint64_t sequence) {
  v1::JobRecord record;
  record.set_id(job);
  record.set_state(v1::Job::RUNNING);
  record.mutable_spec()->set_name(absl::StrCat("letters-", job));
  record.set_request_id(absl::StrCat("request-", job));
  record.set_sequence(sequence);
  return record;
}

v1::TrialRecord SampleTrial(uint32_t job, uint32_t number, uint32_t epochs) {
  v1::TrialRecord record;
  record.set_job(job);
  record.set_number(number);
  record.set_state(v1::Trial::RUNNING);
  (*record.mutable_point()->mutable_fields())["learning_rate"].set_number_value(0.1 / number);
  (*record.mutable_point()->mutable_fields())["optimizer"].set_string_value("adam");
  record.set_attempt(1);
  record.set_worker_id("worker-7");
  record.set_epochs(epochs);
  record.set_value(0.5 + 0.01 * epochs);
  (*record.mutable_metrics())["validation_accuracy"] = 0.5 + 0.01 * epochs;
  return record;
}

v1::CurveRecord SampleCurveRow(uint32_t job, uint32_t trial, uint32_t epoch, uint64_t sequence) {
  v1::CurveRecord record;
  record.set_job(job);
  record.set_trial(trial);
  record.set_epoch(epoch);
  record.set_attempt(1);
  record.set_sequence(sequence);
  for (const char* name : {"train_loss", "train_accuracy", "validation_loss", "validation_accuracy",
                           "validation_macro_f1", "learning_rate", "seconds"}) {
    record.add_metrics(name);
    record.add_values(1.0 / (epoch + record.values_size()) + trial);
  }
  return record;
}

v1::DatasetRecord SampleDataset(const std::string& name) {
  v1::DatasetRecord record;
  record.mutable_dataset()->set_name(name);
  record.mutable_dataset()->set_digest(std::string(64, 'a'));
  record.mutable_dataset()->add_decisions("16 numeric columns");
  return record;
}

std::vector<engine::Write> SampleWrites(Rng& rng) {
  std::vector<engine::Write> writes;
  const uint32_t count = 1 + rng.UniformInt(8);
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t job = 1 + rng.UniformInt(kJobs);
    const uint32_t trial = 1 + rng.UniformInt(kTrials);
    const uint32_t epoch = 1 + rng.UniformInt(kEpochs);
    const std::string dataset = absl::StrCat("set-", rng.UniformInt(3));
    switch (rng.UniformInt(16)) {
      case 0:
        writes.push_back(engine::DeleteJobRecord{job});
        break;
      case 1:
        writes.push_back(engine::DeleteDatasetRecord{dataset});
        break;
      case 2:
        writes.push_back(SampleDataset(dataset));
        break;
      case 3: {
        v1::EngineRecord record;
        record.set_next_job_id(job + 1);
        writes.push_back(record);
        break;
      }
      case 4:
      case 5:
        writes.push_back(SampleJob(job, rng.NextUint32()));
        break;
      case 6:
      case 7:
      case 8:
        writes.push_back(SampleTrial(job, trial, epoch));
        break;
      default:
        writes.push_back(SampleCurveRow(job, trial, epoch, rng.NextUint32()));
    }
  }
  return writes;
}

std::string Contents(Store& store) {
  const absl::StatusOr<engine::Snapshot> snapshot = store.Load();
  if (!snapshot.ok()) return snapshot.status().ToString();
  std::string text = Text(snapshot->engine);
  AppendSorted(snapshot->jobs, text);
  AppendSorted(snapshot->trials, text);
  AppendSorted(snapshot->datasets, text);
  for (uint32_t job = 1; job <= kQuietJob; ++job) {
    const auto measured = store.ReadMeasured(job, 0, kRowsMax);
    if (!measured.ok()) return measured.status().ToString();
    for (const v1::CurveRecord& row : *measured) {
      absl::StrAppend(&text, "measured ", row.job(), "/", row.trial(), "/", row.epoch(), "\n");
    }
    for (uint32_t trial = 1; trial <= kTrials; ++trial) {
      const auto curve = store.ReadCurve(job, trial, 0, kRowsMax);
      if (!curve.ok()) return curve.status().ToString();
      for (const v1::CurveRecord& row : *curve) absl::StrAppend(&text, Text(row));
    }
  }
  return text;
}

}  // namespace caviar::store
