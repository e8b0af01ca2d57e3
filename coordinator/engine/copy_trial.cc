#include "coordinator/engine/copy_trial.h"

#include <utility>

#include "common/random/rng.h"
#include "common/status/check.h"
#include "coordinator/engine/adjustments.h"
#include "coordinator/engine/job_view.h"
#include "coordinator/search/perturb_point.h"

namespace caviar::engine {

void CopyTrial(EngineState& state, const Job& job, v1::TrialRecord& recipient,
               const v1::TrialRecord& donor) {
  const uint32_t epoch = recipient.epochs_high();
  CAVIAR_CHECK(donor.state() == v1::Trial::PAUSED && donor.checkpoint_epoch() == epoch &&
               donor.epochs_high() == epoch && recipient.checkpoint_epoch() == epoch)
      << "trial " << recipient.number() << " of job " << job.id() << " copies trial "
      << donor.number() << " at epoch " << epoch;
  const uint64_t seed =
      DeriveSeed(DeriveSeed(DeriveSeed(job.spec().seed(), "pbt point"), epoch), recipient.number());
  v1::Adjustment adjustment;
  adjustment.set_after_epoch(epoch);
  adjustment.set_copied_from(donor.number());
  *adjustment.mutable_replaced() = PointAfter(recipient, epoch);
  *adjustment.mutable_set() = search::PerturbPoint(job.sampler->space(), PointAfter(donor, epoch),
                                                   job.spec().scheduler().pbt().resample(), seed);
  *adjustment.mutable_created_at() = TimestampOf(state.now);
  *recipient.add_adjustments() = std::move(adjustment);

  state.artifacts.Assign(recipient.mutable_checkpoint_digest(), donor.checkpoint_digest());
  v1::Progress& progress = *recipient.mutable_checkpoint_progress();
  progress = donor.checkpoint_progress();
  progress.set_seconds(recipient.seconds());  // it trained as long as it did
  recipient.clear_value();
  if (progress.has_value()) recipient.set_value(progress.value());
  recipient.set_best_epoch(progress.best_epoch());
  *recipient.mutable_metrics() = progress.metrics();
}

}  // namespace caviar::engine
