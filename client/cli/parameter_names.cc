#include "client/cli/parameter_names.h"

#include "common/hyperparameters/hyperparameters.h"

namespace caviar::cli {

void ParameterNames::Add(const google::protobuf::Struct& point) {
  for (const auto& [name, value] : point.fields()) Add(name);
}

std::vector<std::string> ParameterNames::Ordered() const {
  std::vector<std::string> names;
  std::set<std::string> rest = seen_;
  for (const Hyperparameter& hyperparameter : AllHyperparameters()) {
    if (rest.erase(hyperparameter.name) > 0) names.push_back(hyperparameter.name);
  }
  names.insert(names.end(), rest.begin(), rest.end());
  return names;
}

}  // namespace caviar::cli
