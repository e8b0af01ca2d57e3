// The flags that say what data to read and how: shared by `run` and `dataset import`.
#ifndef CAVIAR_CLIENT_CLI_DATA_FLAGS_H_
#define CAVIAR_CLIENT_CLI_DATA_FLAGS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "caviar/v1/job.pb.h"

namespace CLI {
class App;
}

namespace caviar::cli {

struct DataFlags {
  std::string data, labels, test, test_labels;
  std::optional<std::string> target;
  std::string format, header;
  std::vector<std::string> categorical, drop;
  std::string split;
  std::optional<uint32_t> split_seed;
};

void AddDataFlags(CLI::App& command, DataFlags& flags);

// Puts what was given over what `source` says. kInvalidArgument for a split that is none.
absl::Status ApplyDataFlags(const DataFlags& flags, v1::DataSource& source);
// Whether any of the flags was given.
bool HasDataFlags(const DataFlags& flags);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_DATA_FLAGS_H_
