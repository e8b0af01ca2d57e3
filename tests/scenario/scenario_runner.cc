#include "tests/scenario/scenario_runner.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/digest/sha256.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/engine.h"
#include "coordinator/store/memory_store.h"
#include "tests/scenario/effect_text.h"

namespace caviar::scenario {
namespace {

// The words of a line: positional ones, and name=value.
struct Line {
  std::vector<std::string> words;
  std::map<std::string, std::string> named;

  const std::string& word(size_t index) const {
    static const std::string kNone;
    return index < words.size() ? words[index] : kNone;
  }
  std::string text(const std::string& name, const std::string& otherwise = "") const {
    const auto found = named.find(name);
    return found == named.end() ? otherwise : found->second;
  }
  uint32_t number(const std::string& name, uint32_t otherwise = 0) const {
    uint32_t value = otherwise;
    const auto found = named.find(name);
    if (found != named.end()) CAVIAR_CHECK(absl::SimpleAtoi(found->second, &value)) << name;
    return value;
  }
};

Line Split(absl::string_view text) {
  Line line;
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(word, absl::MaxSplits('=', 1));
    if (absl::StrContains(word, "=")) {
      line.named[parts.first] = parts.second;
    } else {
      line.words.emplace_back(word);
    }
  }
  return line;
}

// "1/2#3"
v1::AttemptId AttemptOf(absl::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::ByAnyChar("/#"));
  v1::AttemptId id;
  uint32_t numbers[3] = {0, 0, 0};
  for (size_t i = 0; i < parts.size() && i < 3; ++i) {
    CAVIAR_CHECK(absl::SimpleAtoi(parts[i], &numbers[i])) << text;
  }
  id.set_job(numbers[0]);
  id.set_trial(numbers[1]);
  id.set_attempt(numbers[2]);
  return id;
}

class Runner {
 public:
  Runner() : engine_(engine::EngineOptions()) {}

  // The lines of effects; nullopt for a line without a step.
  absl::StatusOr<std::vector<std::string>> Do(const Line& line) {
    const std::string& what = line.word(0);
    if (what == "at") {
      absl::Duration time;
      if (!absl::ParseDuration(line.word(1), &time) || start_ + time < now_) {
        return absl::InvalidArgumentError("at: needs a time that is not before the last one");
      }
      now_ = start_ + time;
      return std::vector<std::string>();
    }
    if (what == "restart") {
      store::MemoryStore store(disk_);
      CAVIAR_ASSIGN_OR_RETURN(
          engine_, engine::Engine::Restore(engine::EngineOptions(), store.Load().value(), now_));
      return std::vector<std::string>();
    }
    CAVIAR_ASSIGN_OR_RETURN(const engine::Event event, EventOf(line));
    return Step(event);
  }

 private:
  std::vector<std::string> Step(const engine::Event& event) {
    engine::Effects effects = engine_.Step(now_, event);
    store::MemoryStore store(disk_);
    CAVIAR_CHECK_OK(store.Commit(effects.writes));
    const DigestName name = [this](const std::string& digest) {
      const auto found = names_.find(digest);
      return found == names_.end() ? digest : found->second;
    };
    std::vector<std::string> lines;
    for (const engine::Write& write : effects.writes) lines.push_back(WriteText(write, name));
    for (const engine::Send& send : effects.sends) lines.push_back(SendText(send, name));
    return lines;
  }

  std::string DigestOf(const std::string& name) {
    if (name.empty()) return "";
    const std::string digest = Sha256Hex(name);
    names_[digest] = name;
    return digest;
  }

  absl::StatusOr<engine::Event> EventOf(const Line& line) {
    const std::string& what = line.word(0);
    if (what == "tick") return engine::TimePassed{};
    if (what == "stalled") {
      absl::Duration gap;
      if (!absl::ParseDuration(line.word(1), &gap)) return absl::InvalidArgumentError("stalled");
      return engine::DriverStalled{gap};
    }
    if (what == "closed") return engine::SessionClosed{SessionOf(line)};
    if (what == "dataset") return Dataset(line.word(1));
    if (const auto asked = AskedOf(line)) return *asked;
    if (const auto said = SaidOf(line)) return engine::WorkerSaid{SessionOf(line), *said};
    return absl::InvalidArgumentError(absl::StrCat("no such event: ", what));
  }

  static engine::SessionId SessionOf(const Line& line) {
    uint64_t session = 0;
    CAVIAR_CHECK(absl::SimpleAtoi(line.word(1).substr(1), &session)) << line.word(1);
    return engine::SessionId{session};
  }

  engine::Event Dataset(const std::string& name) {
    engine::DatasetImported imported;
    imported.dataset.set_name(name);
    imported.dataset.set_digest(DigestOf(absl::StrCat("data:", name)));
    imported.dataset.mutable_train()->set_rows(1000);
    imported.dataset.mutable_validation()->set_rows(100);
    imported.dataset.mutable_preprocessing()->set_features(4);
    imported.dataset.mutable_preprocessing()->add_classes("a");
    imported.dataset.mutable_preprocessing()->add_classes("b");
    return imported;
  }

  template <typename Request>
  static std::optional<engine::Event> About(const Line& line) {
    engine::UserAsked asked;
    Request request;
    request.set_job(line.word(1));
    asked.ask = request;
    return asked;
  }

  static std::optional<engine::Event> AskedOf(const Line& line) {
    const std::string& what = line.word(0);
    if (what == "pause") return About<v1::PauseJobRequest>(line);
    if (what == "resume") return About<v1::ResumeJobRequest>(line);
    if (what == "cancel") return About<v1::CancelJobRequest>(line);
    if (what == "delete") return About<v1::DeleteJobRequest>(line);
    engine::UserAsked asked;
    if (what == "adjust") {
      asked.ask = AdjustOf(line);
      return asked;
    }
    if (what == "extend") {
      v1::ExtendJobRequest request;
      request.set_job(line.word(1));
      int trials = 0;
      CAVIAR_CHECK(absl::SimpleAtoi(line.word(2), &trials));
      request.set_trials(trials);
      asked.ask = request;
      return asked;
    }
    if (what != "submit") return std::nullopt;
    v1::SubmitJobRequest request;
    v1::JobSpec& spec = *request.mutable_spec();
    spec.set_name(line.word(1));
    spec.set_dataset(line.text("dataset", "letters"));
    spec.set_seed(7);
    spec.mutable_sampler()->mutable_random();
    (*spec.mutable_space())["learning_rate"].mutable_log()->set_min(1e-4);
    (*spec.mutable_space())["learning_rate"].mutable_log()->set_max(1);
    spec.mutable_budget()->set_trials(line.number("trials", 2));
    spec.mutable_budget()->set_epochs(line.number("epochs", 3));
    if (line.number("total_epochs") > 0) {
      spec.mutable_budget()->set_total_epochs(line.number("total_epochs"));
    }
    if (line.number("wall_time") > 0) {
      spec.mutable_budget()->mutable_wall_time()->set_seconds(line.number("wall_time"));
    }
    if (line.text("scheduler") == "asha" || line.text("scheduler") == "asha_stopping") {
      v1::AshaScheduler& asha = *spec.mutable_scheduler()->mutable_asha();
      asha.set_reduction_factor(line.number("factor", 2));
      asha.set_stopping(line.text("scheduler") == "asha_stopping");
    } else if (line.text("scheduler") == "hyperband") {
      spec.mutable_scheduler()->mutable_hyperband()->set_reduction_factor(line.number("factor", 2));
    } else if (line.text("scheduler") == "median") {
      spec.mutable_scheduler()->mutable_median()->set_startup_trials(line.number("startup", 1));
    }
    spec.set_max_parallel_trials(line.number("parallel"));
    if (line.number("weight") > 0) spec.set_weight(line.number("weight"));
    request.set_request_id(line.text("request"));
    asked.ask = request;
    return asked;
  }

  // adjust 1/2 dropout=0.2 to=3 pause
  static v1::AdjustTrialRequest AdjustOf(const Line& line) {
    const v1::AttemptId id = AttemptOf(line.word(1));
    v1::AdjustTrialRequest request;
    request.set_job(absl::StrCat(id.job()));
    request.set_trial(id.trial());
    for (const auto& [name, text] : line.named) {
      double value = 0;
      CAVIAR_CHECK(absl::SimpleAtod(text, &value)) << text;
      if (name == "to") {
        request.set_rollback_to_epoch(static_cast<uint32_t>(value));
      } else {
        (*request.mutable_set()->mutable_fields())[name].set_number_value(value);
      }
    }
    if (line.word(2) == "pause") request.set_action(v1::AdjustTrialRequest::PAUSE);
    if (line.word(2) == "resume") request.set_action(v1::AdjustTrialRequest::RESUME);
    return request;
  }

  std::optional<v1::WorkerMessage> SaidOf(const Line& line) {
    const std::string& what = line.word(0);
    v1::WorkerMessage message;
    if (what == "register") {
      *message.mutable_register_() = RegisterOf(line);
    } else if (what == "heartbeat") {
      message.mutable_heartbeat()->set_number(++heartbeats_);
    } else if (what == "drain") {
      message.mutable_draining();
    } else if (what == "measure") {
      v1::MeasurementBatch& batch = *message.mutable_measurements();
      *batch.mutable_id() = AttemptOf(line.word(2));
      batch.set_sequence(line.number("seq"));
      batch.add_metrics("validation_accuracy");
      uint32_t epoch = line.number("from", 1);
      for (const absl::string_view value : absl::StrSplit(line.text("values"), ',')) {
        v1::MeasurementRow& row = *batch.add_rows();
        row.set_epoch(epoch++);
        double number = 0;
        CAVIAR_CHECK(absl::SimpleAtod(value, &number)) << value;
        row.add_values(number);
      }
    } else if (what == "checkpoint") {
      *message.mutable_checkpoint_saved()->mutable_id() = AttemptOf(line.word(2));
      message.mutable_checkpoint_saved()->set_epoch(line.number("epoch"));
      message.mutable_checkpoint_saved()->set_digest(DigestOf(line.text("digest")));
    } else if (what == "finish") {
      v1::AttemptFinished& finished = *message.mutable_finished();
      *finished.mutable_id() = AttemptOf(line.word(2));
      v1::AttemptFinished::Outcome outcome = v1::AttemptFinished::OUTCOME_UNSPECIFIED;
      CAVIAR_CHECK(v1::AttemptFinished::Outcome_Parse(line.word(3), &outcome)) << line.word(3);
      finished.set_outcome(outcome);
      finished.set_final_sequence(line.number("seq"));
      finished.set_model_digest(DigestOf(line.text("model")));
      finished.set_reason(line.text("reason"));
    } else if (what == "handback") {
      *message.mutable_hand_back()->mutable_id() = AttemptOf(line.word(2));
      message.mutable_hand_back()->set_final_sequence(line.number("seq"));
      message.mutable_hand_back()->set_reason(line.text("reason"));
    } else {
      return std::nullopt;
    }
    return message;
  }

  static v1::Register RegisterOf(const Line& line) {
    v1::Register registration;
    registration.set_protocol_min(1);
    registration.set_protocol_max(1);
    registration.set_worker_id(line.word(2));
    registration.set_name(line.word(2));
    registration.set_slots(line.number("slots", 1));
    registration.set_incarnation(line.number("incarnation", 1));
    for (const absl::string_view text :
         absl::StrSplit(line.text("running"), ',', absl::SkipEmpty())) {
      const std::pair<std::string, std::string> parts = absl::StrSplit(text, '@');
      v1::RunningAttempt& running = *registration.add_running();
      *running.mutable_id() = AttemptOf(parts.first);
      uint32_t acknowledged = 0;
      if (!parts.second.empty()) CAVIAR_CHECK(absl::SimpleAtoi(parts.second, &acknowledged));
      running.set_acknowledged_sequence(acknowledged);
    }
    return registration;
  }

  const absl::Time start_ = absl::FromUnixSeconds(1'000'000);
  absl::Time now_ = start_;
  engine::Engine engine_;
  store::MemoryDisk disk_;
  std::map<std::string, std::string> names_;
  uint32_t heartbeats_ = 0;
};

}  // namespace

absl::StatusOr<std::string> RunScenario(absl::string_view text) {
  Runner runner;
  std::string actual;
  int number = 0;
  for (const absl::string_view raw : absl::StrSplit(text, '\n')) {
    ++number;
    const absl::string_view line = absl::StripTrailingAsciiWhitespace(raw);
    if (absl::StartsWith(line, ">")) continue;
    absl::StrAppend(&actual, line, "\n");
    if (line.empty() || absl::StartsWith(line, "#")) continue;
    const absl::StatusOr<std::vector<std::string>> effects = runner.Do(Split(line));
    if (!effects.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, ": ", effects.status().message()));
    }
    for (const std::string& effect : *effects) absl::StrAppend(&actual, "> ", effect, "\n");
  }
  while (absl::EndsWith(actual, "\n\n")) actual.pop_back();
  return actual;
}

}  // namespace caviar::scenario
