// A coordinator and workers as real processes on loopback, with time-outs short enough for tests.
#ifndef CAVIAR_TESTS_E2E_CLUSTER_H_
#define CAVIAR_TESTS_E2E_CLUSTER_H_

#include <map>
#include <string>
#include <vector>

#include "tests/e2e/process.h"
#include "tests/e2e/scratch_directory.h"

namespace caviar::e2e {

class Cluster {
 public:
  // `directory` outlives the cluster.
  explicit Cluster(const ScratchDirectory& directory) : directory_(directory) {}

  // The first start takes a port of the kernel's; later ones take the same, as an operator's would.
  void StartCoordinator();
  void StartWorker(const std::string& name, int slots = 1);

  void KillCoordinator();
  void KillWorker(const std::string& name);
  // Polite ends; return exit codes.
  int StopCoordinator();
  int StopWorker(const std::string& name);

  // Runs `caviar COMMAND… --server …` to its end.
  Finished Caviar(std::vector<std::string> arguments, double seconds = 120) const;
  // Starts it and hands it over.
  Process StartCaviar(std::vector<std::string> arguments) const;

  const std::string& address() const { return address_; }

 private:
  const ScratchDirectory& directory_;
  std::string address_;
  std::map<std::string, Process> processes_;
};

}  // namespace caviar::e2e

#endif  // CAVIAR_TESTS_E2E_CLUSTER_H_
