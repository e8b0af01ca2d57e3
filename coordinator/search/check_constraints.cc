#include "coordinator/search/check_constraints.h"

#include "absl/strings/str_cat.h"
#include "common/random/rng.h"
#include "common/status/check.h"
#include "coordinator/search/allowed_point.h"
#include "coordinator/search/space.h"

namespace caviar::search {

void CheckConstraints(const v1::JobSpec& spec, Problems& problems) {
  if (spec.constraints().empty()) return;
  const absl::StatusOr<Space> space = Space::Create(spec);
  CAVIAR_CHECK_OK(space.status());
  // By a seed of its own: whether a job can run must not depend on the job's.
  const uint64_t seed = DeriveSeed(uint64_t{0}, "is there any");
  if (MeasureAllowedShare(*space).allowed == 0 && !DrawAllowed(*space, seed, 1).ok()) {
    problems.Add("constraints",
                 "no point of the space was found that meets all of them; loosen them, or widen "
                 "the space");
    return;
  }
  for (int i = 0; i < spec.enqueue_size(); ++i) {
    if (DrawAllowed(*space, spec.seed(), static_cast<uint32_t>(i) + 1, spec.enqueue(i)).ok()) {
      continue;
    }
    const Constraint* const broken = space->FirstBroken(spec.enqueue(i));
    problems.Add(absl::StrCat("enqueue[", i, "]"),
                 broken == nullptr
                     ? "cannot be completed to a point that meets the constraints"
                     : absl::StrCat("breaks the constraint \"", broken->text(), "\""));
    return;  // to find out takes its time
  }
}

}  // namespace caviar::search
