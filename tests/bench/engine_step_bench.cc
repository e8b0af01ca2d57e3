// What one step of the engine costs, and whether it grows with what lies behind it:
//
//   build/release/bin/bench_engine_step [TRIALS [WORKERS [SLOTS]]]
//
// runs one job of TRIALS trials (default 100,000) of five epochs on WORKERS (300) with SLOTS (8)
// each, by hand: one row of a curve at a time. Prints, for each tenth of the job, the median and
// 99th percentile of a step that hears a measurement, the end of a trial (with the assignment of
// the next), and a heartbeat; then how long the engine takes to restore itself from its records.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest/sha256.h"
#include "common/status/check.h"
#include "coordinator/engine/engine.h"
#include "coordinator/store/memory_store.h"

namespace caviar::engine {
namespace {

constexpr uint32_t kEpochs = 5;

class Series {
 public:
  void Add(double value) { values_.push_back(value); }
  // Empties it.
  std::string MedianAndTail() {
    if (values_.empty()) return "      -";
    std::sort(values_.begin(), values_.end());
    const double median = values_[values_.size() / 2];
    const double tail = values_[values_.size() * 99 / 100];
    values_.clear();
    char text[64];
    std::snprintf(text, sizeof(text), "%8.1f %8.1f", median, tail);
    return text;
  }

 private:
  std::vector<double> values_;
};

double Microseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

class Cluster {
 public:
  Cluster(uint32_t trials, uint32_t workers, uint32_t slots) : trials_(trials) {
    DatasetImported imported;
    imported.dataset.set_name("letters");
    imported.dataset.set_digest(Sha256Hex("data"));
    imported.dataset.mutable_train()->set_rows(1000);
    imported.dataset.mutable_validation()->set_rows(100);
    imported.dataset.mutable_preprocessing()->set_features(4);
    for (const char* name : {"a", "b"}) {
      imported.dataset.mutable_preprocessing()->add_classes(name);
    }
    Step(imported);
    Submit();
    for (uint32_t worker = 1; worker <= workers; ++worker) Register(worker, slots);
  }

  void Run() {
    std::printf("microseconds a step: median, 99th percentile\n%10s  %17s  %17s  %17s\n", "trials",
                "measurement", "end of a trial", "heartbeat");
    const uint32_t tenth = std::max(1u, trials_ / 10);
    while (!running_.empty()) {
      Running running = std::move(running_.front());
      running_.pop_front();
      Hear(running);
      if (ended_ % tenth == 0 && ended_ > printed_) {
        printed_ = ended_;
        std::printf("%10u  %s  %s  %s\n", ended_, measurements_.MedianAndTail().c_str(),
                    ends_.MedianAndTail().c_str(), heartbeats_.MedianAndTail().c_str());
        std::fflush(stdout);
      }
    }
    CAVIAR_CHECK(ended_ == trials_) << ended_ << " of " << trials_ << " trials ended";
  }

  void Restore() {
    store::MemoryStore store(disk_);
    const auto snapshot = store.Load();
    CAVIAR_CHECK_OK(snapshot.status());
    const auto start = std::chrono::steady_clock::now();
    CAVIAR_CHECK_OK(Engine::Restore(EngineOptions(), *snapshot, now_).status());
    const double seconds = Microseconds(std::chrono::steady_clock::now() - start) / 1e6;
    std::printf("restored from %zu trials in %.2f s\n", disk_.trials.size(), seconds);
  }

 private:
  struct Running {
    SessionId session{};
    v1::AttemptId id;
    uint32_t epoch = 0;
  };

  // Steps, keeps what is durable but for the curves, and takes on what is assigned. Returns what
  // the step alone took.
  double Step(const Event& event) {
    now_ += absl::Microseconds(10);
    const auto start = std::chrono::steady_clock::now();
    Effects effects = engine_.Step(now_, event);
    const double took = Microseconds(std::chrono::steady_clock::now() - start);
    std::erase_if(effects.writes, [](const Write& write) {
      return std::holds_alternative<v1::CurveRecord>(write);
    });
    store::MemoryStore store(disk_);
    CAVIAR_CHECK_OK(store.Commit(effects.writes));
    for (const Send& send : effects.sends) {
      const auto* tell = std::get_if<TellWorker>(&send);
      if (tell != nullptr && tell->message.has_assign()) {
        running_.push_back({tell->session, tell->message.assign().id(), 0});
      }
      if (const auto* reply = std::get_if<Reply>(&send)) CAVIAR_CHECK_OK(reply->answer.status());
    }
    return took;
  }

  void Submit() {
    v1::SubmitJobRequest request;
    v1::JobSpec& spec = *request.mutable_spec();
    spec.set_name("job");
    spec.set_dataset("letters");
    spec.mutable_budget()->set_trials(trials_);
    spec.mutable_budget()->set_epochs(kEpochs);
    spec.mutable_sampler()->mutable_random();
    for (const char* name : {"learning_rate", "dropout", "weight_decay"}) {
      (*spec.mutable_space())[name].mutable_log()->set_min(1e-4);
      (*spec.mutable_space())[name].mutable_log()->set_max(0.5);
    }
    UserAsked asked;
    asked.random_seed = 1;
    asked.ask = request;
    Step(asked);
  }

  void Register(uint32_t worker, uint32_t slots) {
    v1::WorkerMessage message;
    v1::Register& registration = *message.mutable_register_();
    registration.set_protocol_min(1);
    registration.set_protocol_max(1);
    registration.set_worker_id(absl::StrCat("worker", worker));
    registration.set_incarnation(1);
    registration.set_name(registration.worker_id());
    registration.set_slots(slots);
    Step(WorkerSaid{SessionId{worker}, message});
  }

  // The next thing one attempt has to say.
  void Hear(Running running) {
    if (running.epoch == kEpochs) {
      v1::WorkerMessage end;
      v1::AttemptFinished& finished = *end.mutable_finished();
      *finished.mutable_id() = running.id;
      finished.set_outcome(v1::AttemptFinished::COMPLETED);
      finished.set_final_sequence(kEpochs);
      ends_.Add(Step(WorkerSaid{running.session, end}));
      ++ended_;
      return;
    }
    v1::WorkerMessage row;
    v1::MeasurementBatch& batch = *row.mutable_measurements();
    *batch.mutable_id() = running.id;
    batch.set_sequence(++running.epoch);
    batch.add_metrics("validation_accuracy");
    batch.add_rows()->set_epoch(running.epoch);
    // Any order of values will do that is not sorted.
    batch.mutable_rows(0)->add_values((running.id.trial() * 7919 % 10'007) / 1e5 +
                                      0.1 * running.epoch);
    measurements_.Add(Step(WorkerSaid{running.session, row}));
    if (++heard_ % 16 == 0) {
      v1::WorkerMessage beat;
      beat.mutable_heartbeat()->set_number(heard_);
      heartbeats_.Add(Step(WorkerSaid{running.session, beat}));
    }
    running_.push_back(std::move(running));
  }

  const uint32_t trials_;
  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  Engine engine_{EngineOptions()};
  store::MemoryDisk disk_;
  std::deque<Running> running_;
  uint32_t ended_ = 0;
  uint32_t printed_ = 0;
  uint64_t heard_ = 0;
  Series measurements_, ends_, heartbeats_;
};

int Main(int argc, char** argv) {
  const auto argument = [&](int index, int otherwise) {
    const int value = argc > index ? std::atoi(argv[index]) : otherwise;
    if (value <= 0) {
      std::fprintf(stderr, "usage: bench_engine_step [TRIALS [WORKERS [SLOTS]]], all above 0\n");
      std::exit(2);
    }
    return static_cast<uint32_t>(value);
  };
  Cluster cluster(argument(1, 100'000), argument(2, 300), argument(3, 8));
  cluster.Run();
  cluster.Restore();
  return 0;
}

}  // namespace
}  // namespace caviar::engine

int main(int argc, char** argv) { return caviar::engine::Main(argc, argv); }
