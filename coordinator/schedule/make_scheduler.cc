#include "coordinator/schedule/trial_scheduler.h"

namespace caviar::schedule {

std::unique_ptr<TrialScheduler> MakeScheduler(const v1::JobSpec& spec) {
  switch (spec.scheduler().kind_case()) {
    case v1::TrialScheduler::kMedian:
      return MakeMedianScheduler(spec);
    case v1::TrialScheduler::kAsha:
      return MakeAshaScheduler(spec);
    case v1::TrialScheduler::kHyperband:
    case v1::TrialScheduler::kBohb:
      return MakeHyperbandScheduler(spec);
    case v1::TrialScheduler::kPbt:
      return MakePbtScheduler(spec);
    case v1::TrialScheduler::kFull:
    case v1::TrialScheduler::KIND_NOT_SET:
      break;
  }
  return MakeFullScheduler(spec.budget());
}

}  // namespace caviar::schedule
