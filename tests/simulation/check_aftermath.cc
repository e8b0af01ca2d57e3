// When all jobs have ended: that nothing is held any more, that every trial ended as it would have
// without faults, and that the records tell how it came about.
#include <cstdint>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/engine/job_copy.h"
#include "coordinator/engine/replay.h"
#include "tests/simulation/undisturbed_run.h"
#include "tests/simulation/world.h"

namespace caviar::simulation {

void World::CheckOutcomes() {
  const store::MemoryDisk& disk = coordinator_.durable();
  for (const auto& [id, job] : disk.jobs) {
    const v1::Budget& budget = job.spec().budget();
    const v1::Sampler& sampler = job.spec().sampler();
    const v1::TrialScheduler& scheduler = job.spec().scheduler();
    const bool is_learning =
        sampler.has_zoom() || sampler.has_tpe() || sampler.has_gp() || sampler.has_cmaes();
    const bool is_own_course = is_learning || budget.has_wall_time() || budget.has_target() ||
                               budget.has_terminator() || scheduler.has_asha() ||
                               scheduler.has_median() || scheduler.has_pbt() ||
                               job.state() == v1::Job::CANCELLED;
    if (is_own_course) continue;
    bool is_comparable = true;
    bool has_added = false;
    std::set<uint32_t> excused;
    for (auto trial = disk.trials.lower_bound({id, 0});
         trial != disk.trials.end() && trial->first.first == id; ++trial) {
      const v1::TrialRecord& record = trial->second;
      const bool is_excused =
          record.state() == v1::Trial::CANCELLED || checker_.is_forgiven(id, record.number()) ||
          record.adjustments_size() > 0 || absl::StartsWith(record.reason(), "lost its worker") ||
          absl::StartsWith(record.reason(), "no worker can run it");
      if (is_excused) excused.insert(record.number());
      has_added = has_added || record.is_added();
    }
    if (has_added) continue;  // when they came is no function of the job
    // What an excused trial returned or not moves the grants of those after it.
    if (budget.total_epochs() > 0) {
      is_comparable = excused.empty() && job.extensions().empty();
    }
    // Who is promoted depends on all trials of the bracket; and where total_epochs ends it, on who
    // came first.
    if (scheduler.has_hyperband()) {
      is_comparable = excused.empty() && job.extensions().empty() && budget.total_epochs() == 0;
      if (is_comparable) ++checker_.reached()["hyperband compared"];
    }
    if (!is_comparable) continue;
    ++checker_.reached()["compared with the undisturbed run"];
    const Outcomes expected = UndisturbedOutcomes(swarm_, job.spec());
    for (const auto& [number, outcome] : expected) {
      const auto trial = disk.trials.find({id, number});
      if (trial == disk.trials.end()) {
        checker_.Fail(absl::StrCat("trial ", id, "/", number, " is missing"));
      } else if (!excused.contains(number) && OutcomeOf(disk, trial->second) != outcome) {
        checker_.Fail(absl::StrCat("trial ", id, "/", number, " ended otherwise:\n",
                                   OutcomeOf(disk, trial->second), "\nundisturbed:\n", outcome));
      }
    }
    if (disk.trials.contains({id, static_cast<uint32_t>(expected.size()) + 1})) {
      checker_.Fail(absl::StrCat("job ", id, " has more trials than undisturbed"));
    }
  }
}

void World::CheckReplays() {
  const engine::EngineState& state = *coordinator_.state();
  for (const auto& [id, job] : state.jobs) {
    absl::StatusOr<engine::JobCopy> copy = engine::JobCopy::Start(state, absl::StrCat(id));
    while (copy->ReadMore(state, 10).value()) continue;
    const absl::StatusOr<v1::Replay> replay =
        engine::ReplayJob(copy->job(), copy->trials(), copy->through_sequence(), copy->priors());
    if (!replay.ok() || !replay->difference().empty()) {
      checker_.Fail(absl::StrCat("replay of job ", id, ": ",
                                 replay.ok() ? replay->difference() : replay.status().ToString()));
      continue;
    }
    checker_.reached()["replayed point"] += replay->points();
    checker_.reached()["replayed decision"] += replay->decisions();
  }
}

void World::CheckAftermath() {
  checker_.CheckAll(*coordinator_.state());
  users_.CheckWatchers(*coordinator_.state());
  for (const auto& worker : workers_) {
    if (worker->held_attempts() > 0) {
      checker_.Fail(absl::StrCat("worker ", worker->id(), " still holds attempts of ended jobs"));
    }
  }
  CheckOutcomes();
  CheckReplays();
}

}  // namespace caviar::simulation
