// Decides how far each trial trains.
//
// A grant is an epoch that a trial may train to; a worker never goes past it on its own, so that
// epochs are exact and a pause always has its checkpoint at the grant. The engine tells a scheduler
// what happens to trials, in this order: OnCreated(); OnJudged() at each epoch that IsJudgedAt()
// names, once; OnPaused() when a trial that used up its grant gave its slot back; OnGranted() when
// it was given more; OnEnded(), or OnGivenUp() when a paused one is only to be turned into a model.
// And it asks who goes on: PromotesAtOnce() while a trial that used
// up its grant still has its slot, NextPromotion() when a slot is free. At the job's end what is
// paused becomes PRUNED.
//
// What a scheduler knows is a function of the set of what it was told, not of the order: told again
// from the records after a restart, it decides the same. No call looks at all trials; each is
// O(log n) but for what its class says otherwise.
//
// Threads:     thread-compatible.
// Units:       epochs, counted from 1; a grant of n lets a trial train epochs 1 … n. Values as
//              measured; those that are not finite count as absent, and absent ones are the worst.
// Determinism: as said; equal values go by trial number; nothing depends on workers or time.
#ifndef CAVIAR_COORDINATOR_SCHEDULE_TRIAL_SCHEDULER_H_
#define CAVIAR_COORDINATOR_SCHEDULE_TRIAL_SCHEDULER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "caviar/v1/job.pb.h"

namespace caviar::schedule {

// A trial came to an epoch at which it is judged.
struct Judged {
  uint32_t trial = 0;
  uint32_t epochs = 0;
  std::optional<double> value;
};

// What the job can still do.
struct Outlook {
  // Of its total, not reserved.
  uint64_t epochs_left = 0;
  // New trials can be created.
  bool may_create = true;
  // Nothing runs and nothing else can: the job ends unless a trial is promoted now.
  bool is_last_chance = false;
};

// A trial that goes on.
struct Promotion {
  uint32_t trial = 0;
  uint32_t until_epoch = 0;
  // It goes on as a copy of this one, which waits at the same epoch; 0: as itself.
  uint32_t copy_from = 0;
  friend bool operator==(const Promotion&, const Promotion&) = default;
};

class TrialScheduler {
 public:
  virtual ~TrialScheduler() = default;

  // ---- Functions of their arguments ----

  // The epoch that a trial may train to when it is first started; in [1, budget.epochs].
  virtual uint32_t FirstGrant(uint32_t trial) const = 0;
  virtual bool IsJudgedAt(uint32_t trial, uint32_t epoch) const = 0;
  // Judged is the best value so far, not the one at the epoch.
  virtual bool JudgesBestSoFar() const { return false; }
  // Grants end at rungs, where a trial is judged, and are given whole or not at all. Otherwise each
  // trial is granted all epochs, and only the budget's end can make that fewer.
  virtual bool GrantsByRung() const { return false; }
  // A trial at its rung that does not go on at once waits, PAUSED. Otherwise it is stopped.
  virtual bool Pauses() const { return false; }

  // Promotions may be copies: a trial waits at its rung only with a checkpoint of it.
  virtual bool CopiesCheckpoints() const { return false; }

  // ---- What happens ----

  // Trials come in the order of their numbers, from 1.
  virtual void OnCreated(uint32_t trial) = 0;
  // Why the trial is to be stopped now; nullopt if it is not.
  virtual std::optional<std::string> OnJudged(const Judged& judged) = 0;
  virtual void OnPaused(uint32_t trial) = 0;
  // Also its first grant, and the grants of trials that have ended.
  virtual void OnGranted(uint32_t trial, uint32_t until_epoch) = 0;
  virtual void OnEnded(uint32_t trial, bool is_completed) = 0;
  // It is paused and will not be promoted any more. OnEnded() follows.
  virtual void OnGivenUp(uint32_t) {}

  // ---- Who goes on ----

  // Whether a trial that has just used up its grant goes on where it is.
  virtual std::optional<Promotion> PromotesAtOnce(uint32_t trial, const Outlook& outlook) = 0;
  // The paused trial to continue before a new point is started; nullopt if none has earned it.
  virtual std::optional<Promotion> NextPromotion(const Outlook& outlook) = 0;

  // ---- For people ----

  // Why a trial that is paused, or was not promoted at once, does not go on.
  virtual std::string WhyNotPromoted(uint32_t trial) const = 0;
  virtual std::vector<v1::RungProgress> Rungs() const { return {}; }
};

// Every trial trains all of budget.epochs.
std::unique_ptr<TrialScheduler> MakeFullScheduler(const v1::Budget& budget);

// A trial is stopped when its best value so far is worse than the median of the best values that
// the completed trials had by the same epoch. A trial that completed early keeps its best.
// OnEnded of a completed one is O(epochs / interval * log n).
std::unique_ptr<TrialScheduler> MakeMedianScheduler(const v1::JobSpec& spec);

// Promotion type: Algorithm 2 of Li et al. 2020 ("A system for massively parallel hyperparameter
// tuning"). Stopping type: a trial goes on at its rung if it is among the best 1/eta there, or the
// best, of those that came before it. O(rungs + log n).
std::unique_ptr<TrialScheduler> MakeAshaScheduler(const v1::JobSpec& spec);

// Li et al. 2018 ("Hyperband: a novel bandit-based approach to hyperparameter optimization"); also
// of bohb, which differs in its sampler alone.
// O(kinds of brackets * rungs + log n); the last chance looks at all brackets.
std::unique_ptr<TrialScheduler> MakeHyperbandScheduler(const v1::JobSpec& spec);

// Jaderberg et al. 2017 ("Population based training of neural networks"), in step: truncation
// selection once all of a population have come to the end of a generation. O(population) an event,
// O(population * log) a promotion.
std::unique_ptr<TrialScheduler> MakePbtScheduler(const v1::JobSpec& spec);

// By the spec's kind. Requires: settings as search::ExpandJob() left them; no kind is full.
std::unique_ptr<TrialScheduler> MakeScheduler(const v1::JobSpec& spec);

}  // namespace caviar::schedule

#endif  // CAVIAR_COORDINATOR_SCHEDULE_TRIAL_SCHEDULER_H_
