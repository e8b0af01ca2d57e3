// The search space of a job that states none: the course's hyperparameters in its order of
// importance (learning rate; then momentum's beta, hidden units, mini-batch size; then layers and
// learning-rate decay), with the optimizer, its second beta and dropout.
//
// Threads:     pure.
// Determinism: a function of its arguments.
#ifndef CAVIAR_COORDINATOR_SEARCH_DEFAULT_SPACE_H_
#define CAVIAR_COORDINATOR_SEARCH_DEFAULT_SPACE_H_

#include <cstdint>
#include <string>

#include "caviar/v1/search_space.pb.h"
#include "google/protobuf/map.h"
#include "google/protobuf/struct.pb.h"

namespace caviar::search {

// Leaves out what `fixed` names or makes pointless (momentum's beta for adam). `training_rows`
// bounds the mini-batch sizes.
google::protobuf::Map<std::string, v1::Domain> DefaultSpace(const google::protobuf::Struct& fixed,
                                                            uint32_t training_rows);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_DEFAULT_SPACE_H_
