#include "coordinator/engine/replay.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/job.h"
#include "coordinator/engine/replay_event.h"
#include "coordinator/engine/scheduling.h"
#include "coordinator/search/parameter.h"
#include "google/protobuf/util/message_differencer.h"

namespace caviar::engine {
namespace {

using google::protobuf::Struct;
using google::protobuf::util::MessageDifferencer;

std::string PointText(const Struct& point) {
  std::map<std::string, std::string> parts;  // protobuf's maps have no order of their own
  for (const auto& [name, value] : point.fields()) parts[name] = search::ValueText(value);
  return absl::StrCat("{", absl::StrJoin(parts, ", ", absl::PairFormatter(": ")), "}");
}

std::string PromotionText(const std::optional<schedule::Promotion>& promotion) {
  if (!promotion.has_value()) return "no promotion";
  return absl::StrCat(
      "a promotion of trial ", promotion->trial, " to epoch ", promotion->until_epoch,
      promotion->copy_from == 0 ? std::string()
                                : absl::StrCat(" as a copy of trial ", promotion->copy_from));
}

schedule::Outlook OutlookOf(const v1::TrialGrant& grant) {
  return {.epochs_left = grant.epochs_left(),
          .may_create = !grant.is_closed(),
          .is_last_chance = grant.is_last_chance()};
}

// Of a grant beyond the first.
schedule::Promotion RecordedPromotion(const v1::TrialRecord& record, int grant) {
  schedule::Promotion promotion{record.number(), record.grants(grant).until_epoch()};
  const uint32_t rung = record.grants(grant - 1).until_epoch();
  for (const v1::Adjustment& adjustment : record.adjustments()) {
    if (adjustment.after_epoch() == rung && adjustment.copied_from() > 0) {
      promotion.copy_from = adjustment.copied_from();
    }
  }
  return promotion;
}

// Those of the scheduler begin with its name.
bool IsOfScheduler(absl::string_view reason) {
  for (const absl::string_view name : {"median: ", "asha: ", "hyperband: ", "bohb: ", "pbt: "}) {
    if (absl::StartsWith(reason, name)) return true;
  }
  return false;
}

// The job as it was, rebuilt event by event. A difference ends it before it is told to the
// scheduler, whose preconditions so hold whatever is on record.
class Replayer {
 public:
  Replayer(const v1::JobRecord& job, const std::vector<v1::TrialRecord>& trials) : job_(job) {
    for (const v1::TrialRecord& trial : trials) trials_.emplace_back().record = trial;
    seen_.resize(trials.size());
    answer_.set_job(job.id());
  }

  absl::Status Run(const std::vector<ReplayEvent>& events, const std::vector<Prior>& priors,
                   absl::FunctionRef<bool()> is_cancelled) {
    CAVIAR_RETURN_IF_ERROR(StartSearch(job_, priors));
    for (const ReplayEvent& event : events) {
      if (is_cancelled()) return absl::CancelledError("the replay was cancelled");
      Apply(event);
      if (!answer_.difference().empty()) break;
    }
    return absl::OkStatus();
  }

  // A trial is told to stop for a reason that no event explains. Call after Run().
  void CheckReasons(uint64_t through_sequence) {
    if (!answer_.difference().empty()) return;
    for (const Trial& trial : trials_) {
      const v1::TrialRecord& record = trial.record;
      if (record.prune_reason().empty() || IsOfEarlyEnd(record) ||
          record.pruned_at_sequence() > through_sequence)
        continue;
      if (!seen_[record.number() - 1].prune_reason.has_value()) {
        return Differs(record, "is recorded as pruned (", record.prune_reason(),
                       "); no decision to prune it came out");
      }
    }
  }

  v1::Replay Take() { return std::move(answer_); }

 private:
  // What has happened to a trial so far.
  struct Seen {
    bool is_created = false, has_ended = false, is_paused = false;
    int judgements = 0, grants = 0;
    std::optional<std::string> prune_reason;
  };

  template <typename... Parts>
  void Differs(const v1::TrialRecord& record, const Parts&... parts) {
    if (!answer_.difference().empty()) return;
    answer_.set_difference(absl::StrCat("trial ", record.number(), " ", parts...));
  }
  void CameOut() { answer_.set_decisions(answer_.decisions() + 1); }

  void Apply(const ReplayEvent& event) {
    const Trial& trial = trials_[event.trial - 1];
    Seen& seen = seen_[event.trial - 1];
    using Kind = ReplayEvent::Kind;
    if (event.kind == Kind::kProposed) return Propose(trial.record);
    if (event.kind == Kind::kCreated) return Create(trial, seen);
    if (!seen.is_created || seen.has_ended) {
      return Differs(trial.record, "is recorded to have gone on, at sequence ", event.at_sequence,
                     seen.is_created ? ", after it had ended" : ", before it was created");
    }
    switch (event.kind) {
      case Kind::kJudged:
        return Judge(trial.record, seen, event.index);
      case Kind::kPaused:
        return Pause(trial.record, seen, event.index);
      case Kind::kPruned:
        return Prune(trial.record, seen);
      case Kind::kGranted:
        return Grant(trial.record, seen, event.index);
      default:
        return End(trial, seen);
    }
  }

  void Propose(const v1::TrialRecord& record) {
    if (record.is_added()) return;
    const absl::StatusOr<search::Proposal> proposal = ProposeTrial(job_, record.number());
    if (!proposal.ok()) {
      return Differs(record, "is recorded with the point ", PointText(record.point()),
                     "; no point came out: ", proposal.status().message());
    }
    if (!MessageDifferencer::Equals(proposal->point, record.point())) {
      return Differs(record, "is recorded with the point ", PointText(record.point()), "; ",
                     PointText(proposal->point), " came out");
    }
    if (proposal->note != record.sampler_note()) {
      return Differs(record, "is recorded with the sampler's note ", record.sampler_note(), "; ",
                     proposal->note, " came out");
    }
    answer_.set_points(answer_.points() + 1);
  }

  void Create(const Trial& trial, Seen& seen) {
    const v1::TrialRecord& record = trial.record;
    schedule::TrialScheduler& scheduler = *job_.scheduler;
    if (record.number() != ++created_) {
      return Differs(record, "is recorded as created before trial ", created_);
    }
    if (scheduler.GrantsByRung() && !FirstGrantComesOut(record)) return;
    seen.is_created = true;
    if (record.is_added()) ++job_.added_trials;
    ShowCreated(job_, trial);
    scheduler.OnCreated(record.number());
    if (scheduler.GrantsByRung())
      scheduler.OnGranted(record.number(), record.grants(0).until_epoch());
    seen.grants = 1;
  }

  bool FirstGrantComesOut(const v1::TrialRecord& record) {
    const uint32_t wanted = job_.scheduler->FirstGrant(record.number());
    const uint32_t granted = record.grants_size() == 0 ? 0 : record.grants(0).until_epoch();
    if (granted != wanted) {
      Differs(record, "is recorded with a first grant to epoch ", granted, "; to epoch ", wanted,
              " came out");
      return false;
    }
    // One from outside is created whoever waits.
    if (!record.is_added()) {
      const auto promotion = job_.scheduler->NextPromotion(OutlookOf(record.grants(0)));
      if (promotion.has_value()) {
        Differs(record, "is recorded as created; ", PromotionText(promotion), " came out instead");
        return false;
      }
    }
    CameOut();
    return true;
  }

  void Judge(const v1::TrialRecord& record, Seen& seen, int index) {
    const v1::Judgement& judgement = record.judgements(index);
    const bool is_due = job_.scheduler->IsJudgedAt(record.number(), judgement.epochs());
    const bool is_in_order =
        index == seen.judgements++ && (!job_.scheduler->GrantsByRung() ||
                                       (index < record.grants_size() && index + 1 == seen.grants &&
                                        judgement.epochs() == record.grants(index).until_epoch()));
    if (!is_due || !is_in_order) {
      return Differs(record, "is recorded as judged at ", judgement.epochs(),
                     " epochs; no judgement came out there");
    }
    std::optional<double> value;
    if (judgement.has_value()) value = judgement.value();
    const std::optional<std::string> stop =
        job_.scheduler->OnJudged({record.number(), judgement.epochs(), value});
    ShowRung(job_, record, index + 1);
    if (stop.has_value() && !seen.prune_reason.has_value()) {
      if (record.prune_reason() != *stop) {
        return Differs(record, "is recorded as ",
                       record.prune_reason().empty()
                           ? std::string("going on")
                           : absl::StrCat("pruned (", record.prune_reason(), ")"),
                       " at ", judgement.epochs(), " epochs; it came out pruned (", *stop, ")");
      }
      seen.prune_reason = stop;
    }
    CameOut();
  }

  void Pause(const v1::TrialRecord& record, Seen& seen, int index) {
    if (!job_.scheduler->Pauses() || seen.judgements != index + 1) {
      return Differs(record, "is recorded as paused at ", record.judgements(index).epochs(),
                     " epochs; it did not wait there");
    }
    seen.is_paused = true;
    job_.scheduler->OnPaused(record.number());
  }

  // Whether the reason is what the scheduler says of a trial that does not go on.
  bool ReasonComesOut(const v1::TrialRecord& record, const std::string& reason) {
    // At the end no trials are created any more; the scheduler learns it by being asked.
    if (job_.scheduler->Pauses()) {
      job_.scheduler->NextPromotion({.epochs_left = 0, .may_create = false});
    }
    const std::string why = job_.scheduler->WhyNotPromoted(record.number());
    if (why != reason) {
      Differs(record, "is recorded as pruned (", reason, "); ",
              why.empty() ? std::string("no decision to prune it") : why, " came out");
      return false;
    }
    CameOut();
    return true;
  }

  // The job's own bound, no decision of the scheduler.
  bool IsOfEarlyEnd(const v1::TrialRecord& record) const {
    return job_.record.is_ending() && record.prune_reason() == job_.record.reason();
  }

  void Prune(const v1::TrialRecord& record, Seen& seen) {
    if (IsOfEarlyEnd(record)) return;
    if (seen.prune_reason.has_value()) return;  // with its judgement
    if (!ReasonComesOut(record, record.prune_reason())) return;
    seen.prune_reason = record.prune_reason();
    if (seen.is_paused) job_.scheduler->OnGivenUp(record.number());
  }

  void Grant(const v1::TrialRecord& record, Seen& seen, int index) {
    const v1::TrialGrant& grant = record.grants(index);
    const schedule::Promotion recorded = RecordedPromotion(record, index);
    if (index != seen.grants++ || seen.judgements < index) {
      return Differs(record, "is recorded as promoted to epoch ", grant.until_epoch(),
                     " before it was judged");
    }
    const std::optional<schedule::Promotion> promotion =
        seen.is_paused ? job_.scheduler->NextPromotion(OutlookOf(grant))
                       : job_.scheduler->PromotesAtOnce(record.number(), OutlookOf(grant));
    if (promotion != recorded) {
      return Differs(record, "is recorded as promoted to epoch ", grant.until_epoch(), "; ",
                     PromotionText(promotion), " came out");
    }
    CameOut();
    seen.is_paused = false;
    job_.scheduler->OnGranted(record.number(), grant.until_epoch());
  }

  void End(const Trial& trial, Seen& seen) {
    const v1::TrialRecord& record = trial.record;
    const bool is_left_over = record.state() == v1::Trial::PRUNED &&
                              record.prune_reason().empty() && IsOfScheduler(record.reason());
    if (is_left_over && !ReasonComesOut(record, record.reason())) return;
    seen.has_ended = true;
    ShowEnded(job_, trial);
    job_.scheduler->OnEnded(record.number(), record.state() == v1::Trial::COMPLETED);
  }

  Job job_;
  std::deque<Trial> trials_;  // as recorded
  std::vector<Seen> seen_;
  uint32_t created_ = 0;
  v1::Replay answer_;
};

}  // namespace

absl::StatusOr<v1::Replay> ReplayJob(const v1::JobRecord& job,
                                     const std::vector<v1::TrialRecord>& trials,
                                     uint64_t through_sequence, const std::vector<Prior>& priors,
                                     absl::FunctionRef<bool()> is_cancelled) {
  for (size_t i = 0; i < trials.size(); ++i) {
    if (trials[i].number() != i + 1) {
      return absl::InvalidArgumentError(absl::StrCat("trial ", i + 1, " is missing"));
    }
    if (trials[i].created_at_sequence() > 0) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("trial ", i + 1, " of job ", job.id(),
                     " is of a version of the coordinator that did not record what a replay "
                     "needs; submit the job anew to have one that can be replayed"));
  }
  Replayer replayer(job, trials);
  CAVIAR_RETURN_IF_ERROR(replayer.Run(EventsOf(trials, through_sequence), priors, is_cancelled));
  replayer.CheckReasons(through_sequence);
  return replayer.Take();
}

}  // namespace caviar::engine
