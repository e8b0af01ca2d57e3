// The command line of caviar-worker.
#ifndef CAVIAR_WORKER_FLAGS_H_
#define CAVIAR_WORKER_FLAGS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/rpc/address.h"

namespace caviar {

struct WorkerFlags {
  std::optional<HostPort> coordinator;  // absent: a line on stdin tells it
  uint32_t slots = 0;                   // > 0
  std::string name;                     // empty: after the machine
  std::string cache;      // empty: DefaultCache(), or a numbered sibling while that is in use
  int cache_gib = 20;     // GiB of fetched files that are not in use; > 0
  std::string artifacts;  // a coordinator's, on this machine; empty: all are fetched
  absl::Duration checkpoint_interval = absl::Seconds(30);
  bool self_test = false;
};

std::string DefaultCache();

// Sets the log level and returns the flags. Otherwise `exit_code` says how to end: 0 after --help
// and --version, 2 after a complaint of one line on stderr.
std::optional<WorkerFlags> ParseFlags(int argc, char** argv, int& exit_code);

}  // namespace caviar

#endif  // CAVIAR_WORKER_FLAGS_H_
