// What a rerun shows, in sentences for people.
//
// Threads: pure function.
#ifndef CAVIAR_COORDINATOR_ENGINE_RERUN_FINDINGS_H_
#define CAVIAR_COORDINATOR_ENGINE_RERUN_FINDINGS_H_

#include <optional>
#include <string>
#include <vector>

#include "caviar/v1/search_service.pb.h"

namespace caviar::engine {

// What the answer itself does not say.
struct RerunFacts {
  // Standard deviation of the objective over the seeds of one point, all points together; nullopt
  // where none has two.
  std::optional<double> seed_deviation;
  // Whether the data are those of the other job; nullopt when that one was deleted.
  std::optional<bool> is_same_data;
};

// Of a rerun without findings.
std::vector<std::string> RerunFindings(const v1::Rerun& rerun, const RerunFacts& facts);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_RERUN_FINDINGS_H_
