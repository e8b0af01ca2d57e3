// A point of another job, seen as one of this job's: for a warm start.
//
// Threads:     pure.
// Determinism: a function of its arguments.
#ifndef CAVIAR_COORDINATOR_SEARCH_TRANSFER_POINT_H_
#define CAVIAR_COORDINATOR_SEARCH_TRANSFER_POINT_H_

#include <optional>

#include "coordinator/search/space.h"
#include "google/protobuf/struct.pb.h"

namespace caviar::search {

// Each active parameter takes its value from `there`, else from what that job had fixed. nullopt if
// one is missing, is outside its domain here, breaks a constraint, or if the other job had another
// value of something that is in `fixed` here. What this job does not name is not looked at. O(d).
std::optional<Point> TransferPoint(const Space& space, const google::protobuf::Struct& fixed,
                                   const Point& there, const google::protobuf::Struct& fixed_there);

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_TRANSFER_POINT_H_
