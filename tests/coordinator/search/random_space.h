// What the tests of the search folder share: specs from JSON, and search spaces at random, with
// conditions nested to any depth.
#ifndef CAVIAR_TESTS_COORDINATOR_SEARCH_RANDOM_SPACE_H_
#define CAVIAR_TESTS_COORDINATOR_SEARCH_RANDOM_SPACE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "caviar/v1/job.pb.h"
#include "common/random/rng.h"
#include "coordinator/search/space.h"

namespace caviar::search {

// Aborts where the text is not a JobSpec.
v1::JobSpec SpecFromJson(absl::string_view json);

// The space of `{"space": …}`; aborts where it is not valid.
Space SpaceFromJson(absl::string_view json_of_space);

// Every kind of domain may occur, up to `parameters_max` of them; about half have conditions.
google::protobuf::Map<std::string, v1::Domain> RandomDomains(Rng& rng, int parameters_max);

// A job of this space with one or two constraints, each of which allows some of it; its draws may
// be few. None where the space has no numeric parameter.
v1::JobSpec WithRandomConstraints(const google::protobuf::Map<std::string, v1::Domain>& domains,
                                  Rng& rng);

// A sequence of fields in the order of their names, for sets and messages.
std::string PointText(const Point& point);

}  // namespace caviar::search

#endif  // CAVIAR_TESTS_COORDINATOR_SEARCH_RANDOM_SPACE_H_
