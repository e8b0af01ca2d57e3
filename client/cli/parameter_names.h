// Names of hyperparameters in the order in which people think of them.
//
// Threads: one owner.
#ifndef CAVIAR_CLIENT_CLI_PARAMETER_NAMES_H_
#define CAVIAR_CLIENT_CLI_PARAMETER_NAMES_H_

#include <set>
#include <string>
#include <vector>

#include "google/protobuf/struct.pb.h"

namespace caviar::cli {

class ParameterNames {
 public:
  void Add(const std::string& name) { seen_.insert(name); }
  // All names of a point.
  void Add(const google::protobuf::Struct& point);
  // In the order of the trainer's list, then those it does not know by alphabet.
  std::vector<std::string> Ordered() const;

 private:
  std::set<std::string> seen_;
};

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_PARAMETER_NAMES_H_
