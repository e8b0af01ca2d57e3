#include "client/cli/missing_workers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace caviar::cli {

bool MayLackWorkers(const v1::Job& job) {
  return job.state() == v1::Job::RUNNING && job.trials().running() == 0;
}

std::string MissingWorkersText(const v1::ListWorkersResponse& workers, absl::string_view address) {
  const bool is_there =
      std::any_of(workers.workers().begin(), workers.workers().end(),
                  [](const v1::Worker& worker) { return worker.state() == v1::Worker::CONNECTED; });
  if (is_there) return "";
  return absl::StrCat(
      "waiting: no worker is connected; start one with caviar-worker --coordinator ", address);
}

}  // namespace caviar::cli
