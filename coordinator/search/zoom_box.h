// The box that a zoom round draws from: a part of the space around its best points.
//
// Threads:     pure.
// Shapes:      places on [0, 1] by parameter index, as in space.h.
// Determinism: a function of its arguments.
#ifndef CAVIAR_COORDINATOR_SEARCH_ZOOM_BOX_H_
#define CAVIAR_COORDINATOR_SEARCH_ZOOM_BOX_H_

#include <optional>
#include <span>
#include <vector>

#include "caviar/v1/job.pb.h"
#include "coordinator/search/space.h"

namespace caviar::search {

class ZoomBox {
 public:
  // The whole space.
  explicit ZoomBox(const Space& space);

  // Around `best`, points in falling order of merit. For each ordered parameter, on its scale: from
  // the best point to the mean of all of them, and width / 2 more on either side, cut at the
  // domain's ends. The mean says where the good region lies when the best point was luck; their
  // distance says how sure that is, so an unimportant parameter stays wide on its own. A choice
  // keeps the values seen among `best`. A parameter that none of them holds stays whole.
  // Requires: width in (0, 1].
  ZoomBox(const Space& space, std::span<const Point* const> best, double width);
  // The same for places as Space::UnitOf() gives them.
  ZoomBox(const Space& space, const std::vector<std::vector<std::optional<double>>>& best,
          double width);

  // The place inside the box for a place in the whole cube.
  std::vector<double> Inside(std::span<const double> unit) const;

  // The ends of a parameter's side; 0 and 1 for a choice.
  double lo(int parameter) const { return sides_[parameter].lo; }
  double hi(int parameter) const { return sides_[parameter].hi; }

  // As domains, for people to look at.
  google::protobuf::Map<std::string, v1::Domain> Domains() const;

 private:
  struct Side {
    double lo = 0;
    double hi = 1;
    std::vector<int> choices;  // kChoice: indices kept, rising
  };

  const Space* space_;
  std::vector<Side> sides_;
};

}  // namespace caviar::search

#endif  // CAVIAR_COORDINATOR_SEARCH_ZOOM_BOX_H_
