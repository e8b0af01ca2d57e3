#include "tests/simulation/undisturbed_run.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "coordinator/engine/engine.h"
#include "tests/simulation/fake_trainer.h"

namespace caviar::simulation {
namespace {

// One engine with its store and one worker that does at once what it is told.
class Undisturbed {
 public:
  explicit Undisturbed(const Swarm& swarm) : swarm_(swarm), engine_(engine::EngineOptions()) {}

  const store::MemoryDisk& Run(const v1::JobSpec& spec) {
    engine::DatasetImported imported;
    imported.dataset.set_name(spec.dataset());
    imported.dataset.set_digest(std::string(64, '0'));
    imported.dataset.mutable_train()->set_rows(1000);
    imported.dataset.mutable_validation()->set_rows(100);
    imported.dataset.mutable_preprocessing()->set_features(4);
    imported.dataset.mutable_preprocessing()->add_classes("a");
    imported.dataset.mutable_preprocessing()->add_classes("b");
    Step(imported);
    engine::UserAsked asked;
    v1::SubmitJobRequest request;
    *request.mutable_spec() = spec;
    asked.ask = request;
    Step(asked);
    v1::WorkerMessage message;
    message.mutable_register_()->set_protocol_min(1);
    message.mutable_register_()->set_protocol_max(1);
    message.mutable_register_()->set_worker_id("w");
    message.mutable_register_()->set_slots(1);
    Say(message);
    while (!assigns_.empty()) {
      const v1::Assign assign = assigns_.front();
      assigns_.pop_front();
      Train(assign);
    }
    return disk_;
  }

 private:
  void Step(const engine::Event& event) {
    granted_.reset();
    stop_.reset();
    engine::Effects effects = engine_.Step(absl::UnixEpoch(), event);
    store::MemoryStore store(disk_);
    CAVIAR_CHECK_OK(store.Commit(effects.writes));
    for (const engine::Send& send : effects.sends) {
      const auto* tell = std::get_if<engine::TellWorker>(&send);
      if (tell == nullptr) continue;
      if (tell->message.has_assign()) assigns_.push_back(tell->message.assign());
      if (tell->message.has_grant()) granted_ = tell->message.grant().until_epoch();
      if (tell->message.has_stop()) stop_ = tell->message.stop().reason();
    }
  }
  void Say(const v1::WorkerMessage& message) {
    Step(engine::WorkerSaid{engine::SessionId{1}, message});
  }

  // From grant to grant, until it ends or pauses.
  void Train(const v1::Assign& assign) {
    const bool makes_model = stop_ == v1::Stop::PRUNED;  // of its checkpoint
    std::optional<double> best;
    uint32_t best_epoch = 0;
    for (uint32_t epoch = 1; epoch <= assign.from_epoch(); ++epoch) {
      Improve(swarm_, assign.objective(), assign.seed(), epoch, best, best_epoch);
    }
    v1::WorkerMessage end;
    v1::AttemptFinished& finished = *end.mutable_finished();
    *finished.mutable_id() = assign.id();
    finished.set_outcome(v1::AttemptFinished::STOPPED);  // at the end of a last grant
    uint32_t epoch = assign.from_epoch();
    uint32_t sequence = 0;
    for (uint32_t until = makes_model ? epoch : assign.until_epoch(); epoch < until;) {
      epoch = TrainTo(assign, epoch, until, ++sequence, best, best_epoch, finished);
      if (finished.outcome() != v1::AttemptFinished::STOPPED) break;
      if (stop_ == v1::Stop::PAUSED) return HandBack(assign, epoch, sequence);
      until = granted_.value_or(epoch);
    }
    finished.set_final_sequence(sequence);
    if (epoch > 0) {
      (*finished.mutable_final_metrics())["test_accuracy"] = best.value_or(0) / 2;
      (*finished.mutable_final_metrics())["test_loss"] = best_epoch;
    }
    Say(end);
  }

  // One batch. Returns the epoch that it came to.
  uint32_t TrainTo(const v1::Assign& assign, uint32_t epoch, uint32_t until, uint32_t sequence,
                   std::optional<double>& best, uint32_t& best_epoch,
                   v1::AttemptFinished& finished) {
    const TrialPlan plan = PlanOf(swarm_, assign.seed(), assign.epochs());
    v1::WorkerMessage measured;
    v1::MeasurementBatch& batch = *measured.mutable_measurements();
    *batch.mutable_id() = assign.id();
    batch.set_sequence(sequence);
    for (const std::string& name : FakeMetricNames()) batch.add_metrics(name);
    while (epoch < until && finished.outcome() == v1::AttemptFinished::STOPPED) {
      const uint32_t next = epoch + 1;
      if (plan.kills_at == next || plan.fails_at == next || plan.infeasible_at == next) {
        const bool is_infeasible = plan.infeasible_at == next && plan.kills_at != next;
        finished.set_outcome(is_infeasible ? v1::AttemptFinished::INFEASIBLE
                                           : v1::AttemptFinished::FAILED);
        break;
      }
      epoch = next;
      v1::MeasurementRow& row = *batch.add_rows();
      row.set_epoch(epoch);
      for (const double value : FakeMetrics(swarm_, assign.seed(), epoch)) row.add_values(value);
      Improve(swarm_, assign.objective(), assign.seed(), epoch, best, best_epoch);
      if (epoch == assign.epochs() || epoch == plan.patience_at) {
        finished.set_outcome(v1::AttemptFinished::COMPLETED);
      }
    }
    // Also one without rows: it is the attempt's last sequence.
    Say(measured);
    return epoch;
  }

  void HandBack(const v1::Assign& assign, uint32_t epoch, uint32_t sequence) {
    v1::WorkerMessage saved;
    *saved.mutable_checkpoint_saved()->mutable_id() = assign.id();
    saved.mutable_checkpoint_saved()->set_epoch(epoch);
    saved.mutable_checkpoint_saved()->set_digest(
        CheckpointDigest(assign.id().job(), assign.seed(), epoch));
    Say(saved);
    v1::WorkerMessage back;
    *back.mutable_hand_back()->mutable_id() = assign.id();
    back.mutable_hand_back()->set_final_sequence(sequence);
    Say(back);
  }

  const Swarm& swarm_;
  engine::Engine engine_;
  store::MemoryDisk disk_;
  std::deque<v1::Assign> assigns_;
  // Told in the newest step.
  std::optional<uint32_t> granted_;
  std::optional<v1::Stop::Reason> stop_;
};

}  // namespace

Outcomes UndisturbedOutcomes(const Swarm& swarm, const v1::JobSpec& spec) {
  Undisturbed run(swarm);
  const store::MemoryDisk& disk = run.Run(spec);
  Outcomes outcomes;
  for (const auto& [key, trial] : disk.trials) outcomes[key.second] = OutcomeOf(disk, trial);
  return outcomes;
}

std::string OutcomeOf(const store::MemoryDisk& disk, const v1::TrialRecord& trial) {
  std::string text =
      absl::StrCat(v1::Trial::State_Name(trial.state()), " epochs ", trial.epochs_high());
  if (trial.has_value()) absl::StrAppend(&text, " value ", trial.value(), "@", trial.best_epoch());
  // Protobuf's maps have no order of their own.
  std::map<std::string, std::string> point;
  for (const auto& [name, value] : trial.point().fields()) point[name] = value.DebugString();
  for (const auto& [name, value] : point) absl::StrAppend(&text, " ", name, " ", value);
  std::map<std::string, double> metrics(trial.metrics().begin(), trial.metrics().end());
  metrics.erase("seconds");
  // Whether a trial that was not trained to its end has a model depends on where it was when.
  if (trial.state() != v1::Trial::COMPLETED) {
    metrics.erase("test_accuracy");
    metrics.erase("test_loss");
  }
  for (const auto& [name, value] : metrics) absl::StrAppend(&text, " ", name, "=", value);
  const auto curve = disk.curves.find({trial.job(), trial.number()});
  if (curve == disk.curves.end()) return text;
  for (const auto& [epoch, row] : curve->second) {
    absl::StrAppend(&text, "\n", epoch);
    for (int i = 0; i < row.values_size(); ++i) {
      if (row.metrics(i) != "seconds") absl::StrAppend(&text, " ", row.values(i));
    }
  }
  return text;
}

}  // namespace caviar::simulation
