#include "coordinator/engine/replay_event.h"

#include <algorithm>
#include <tuple>

namespace caviar::engine {

std::vector<ReplayEvent> EventsOf(const std::vector<v1::TrialRecord>& trials,
                                  uint64_t through_sequence) {
  using Kind = ReplayEvent::Kind;
  std::vector<ReplayEvent> events;
  for (const v1::TrialRecord& trial : trials) {
    const auto add = [&](uint64_t at, Kind kind, int index = 0) {
      if (at <= through_sequence) events.push_back({at, kind, trial.number(), index});
    };
    // What is not known yet is not told of.
    if (trial.created_at_sequence() > through_sequence) continue;
    add(trial.sampled_at_sequence(), Kind::kProposed);
    add(trial.created_at_sequence(), Kind::kCreated);
    for (int i = 1; i < trial.grants_size(); ++i) {
      add(trial.grants(i).at_sequence(), Kind::kGranted, i);
    }
    for (int i = 0; i < trial.judgements_size(); ++i) {
      const v1::Judgement& judgement = trial.judgements(i);
      add(judgement.at_sequence(), Kind::kJudged, i);
      if (judgement.paused_at_sequence() > 0) add(judgement.paused_at_sequence(), Kind::kPaused, i);
    }
    if (trial.pruned_at_sequence() > 0) add(trial.pruned_at_sequence(), Kind::kPruned);
    if (trial.ended_at_sequence() > 0) add(trial.ended_at_sequence(), Kind::kEnded);
  }
  const auto order = [](const ReplayEvent& event) {
    return std::tuple(event.at_sequence, event.kind, event.trial, event.index);
  };
  std::sort(events.begin(), events.end(),
            [&](const ReplayEvent& a, const ReplayEvent& b) { return order(a) < order(b); });
  return events;
}

}  // namespace caviar::engine
