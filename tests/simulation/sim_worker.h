// One worker: the real session core, around it a process that lives and dies, slots that train fake
// epochs, and uploads.
//
// Threads: one owner.
#ifndef CAVIAR_TESTS_SIMULATION_SIM_WORKER_H_
#define CAVIAR_TESTS_SIMULATION_SIM_WORKER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/random/rng.h"
#include "tests/simulation/fake_trainer.h"
#include "worker/session/session_core.h"

namespace caviar::simulation {

class World;

class SimWorker {
 public:
  // An unfit one cannot run anything (Swarm::unfit_workers).
  SimWorker(World& world, std::string id, uint32_t slots, bool is_unfit, uint64_t seed);

  // The process. A start is a new incarnation.
  void Start();
  void Kill();
  void Drain();
  // SIGSTOP until then.
  void Freeze(absl::Time until);

  bool is_up() const { return core_ != nullptr; }
  bool is_draining() const { return is_up() && core_->is_draining(); }
  // Since when it runs undisturbed; InfiniteFuture if it does not.
  absl::Time healthy_since() const { return is_up() ? healthy_since_ : absl::InfiniteFuture(); }
  uint64_t session() const { return session_; }
  size_t held_attempts() const { return is_up() ? core_->attempts().size() : 0; }
  const std::string& id() const { return id_; }
  uint32_t slots() const { return slots_; }

 private:
  struct Runner {
    v1::Assign assign;
    TrialPlan plan;
    uint32_t epoch = 0;
    uint32_t limit = 0;
    uint32_t checkpoint_epoch = 0;
    absl::Time last_checkpoint;
    runtime::StopMode stop = runtime::StopMode::kNone;
    bool is_training = false;
    bool is_ready = false;
    bool is_trained = false;  // and tests its model, deaf to every stop
    uint64_t token = 0;       // of the epoch under way
    uint64_t history = 0;
    std::optional<double> best_value;
    uint32_t best_epoch = 0;
    uint64_t seed() const { return LearningSeed(assign.seed(), history); }
  };

  // Tells the core, once the process is awake.
  void Post(session::Event event);
  void Step(const session::Event& event);
  void Do(const session::Effect& effect);
  void Wake(absl::Time at);
  // Later, if the process is still the same one and awake.
  void Later(absl::Duration delay, std::function<void()> action);

  // Whether it lacks today what an attempt needs.
  bool CannotRun();
  void StartRunner(const v1::Assign& assign, uint32_t limit);
  void Advance(const runtime::AttemptKey& key);
  void FinishEpoch(const runtime::AttemptKey& key, uint64_t token);
  void StopRunner(const runtime::AttemptKey& key, runtime::StopMode mode);
  void EndStopped(const runtime::AttemptKey& key);
  void MakeCheckpoint(const runtime::AttemptKey& key, Runner& runner);
  // With a model, after the time that it takes to test that.
  void End(const runtime::AttemptKey& key, runtime::AttemptResult::End end,
           const std::string& reason = "");
  void TellEnd(const runtime::AttemptKey& key, runtime::AttemptResult::End end,
               const std::string& reason);
  void Upload(const session::UploadArtifact& upload);

  World& world_;
  const std::string id_;
  const uint32_t slots_;
  const bool is_unfit_;
  Rng rng_;
  uint32_t incarnation_ = 0;
  uint64_t life_ = 0;
  absl::Time frozen_until_ = absl::InfinitePast();
  absl::Time healthy_since_ = absl::InfinitePast();
  absl::Time wake_ = absl::InfiniteFuture();
  uint64_t session_ = 0;
  std::map<uint64_t, uint64_t> session_of_link_;
  std::unique_ptr<session::SessionCore> core_;
  std::map<runtime::AttemptKey, Runner> runners_;
  uint64_t tokens_ = 0;
};

}  // namespace caviar::simulation

#endif  // CAVIAR_TESTS_SIMULATION_SIM_WORKER_H_
