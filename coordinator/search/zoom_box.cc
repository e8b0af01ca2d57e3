#include "coordinator/search/zoom_box.h"

#include <algorithm>
#include <numeric>

#include "common/status/check.h"

namespace caviar::search {
namespace {

using Places = std::vector<std::optional<double>>;

std::vector<Places> PlacesOf(const Space& space, std::span<const Point* const> points) {
  std::vector<Places> places;
  for (const Point* point : points) places.push_back(space.UnitOf(*point));
  return places;
}

}  // namespace

ZoomBox::ZoomBox(const Space& space) : space_(&space), sides_(space.size()) {
  for (int i = 0; i < space.size(); ++i) {
    if (space.parameter(i).kind() != Parameter::Kind::kChoice) continue;
    sides_[i].choices.resize(space.parameter(i).values().size());
    std::iota(sides_[i].choices.begin(), sides_[i].choices.end(), 0);
  }
}

ZoomBox::ZoomBox(const Space& space, std::span<const Point* const> best, double width)
    : ZoomBox(space, PlacesOf(space, best), width) {}

ZoomBox::ZoomBox(const Space& space, const std::vector<Places>& best, double width)
    : ZoomBox(space) {
  CAVIAR_CHECK(width > 0 && width <= 1) << width;
  std::vector<std::vector<double>> seen(space.size());  // by parameter, in falling order of merit
  for (const Places& unit : best) {
    for (int i = 0; i < space.size(); ++i) {
      if (unit[i].has_value()) seen[i].push_back(*unit[i]);
    }
  }
  for (int i = 0; i < space.size(); ++i) {
    if (seen[i].empty()) continue;
    const Parameter& parameter = space.parameter(i);
    Side& side = sides_[i];
    if (parameter.kind() == Parameter::Kind::kChoice) {
      std::erase_if(side.choices, [&](int choice) {
        return std::none_of(seen[i].begin(), seen[i].end(),
                            [&](double unit) { return parameter.IndexAt(unit) == choice; });
      });
      continue;
    }
    const double mean = std::accumulate(seen[i].begin(), seen[i].end(), 0.0) / seen[i].size();
    const auto [lo, hi] = std::minmax(seen[i].front(), mean);
    side.lo = std::max(0.0, lo - width / 2);
    side.hi = std::min(1.0, hi + width / 2);
  }
}

std::vector<double> ZoomBox::Inside(std::span<const double> unit) const {
  CAVIAR_CHECK(unit.size() == sides_.size());
  std::vector<double> inside(unit.size());
  for (size_t i = 0; i < unit.size(); ++i) {
    const Side& side = sides_[i];
    if (side.choices.empty()) {
      inside[i] = std::min(side.hi, side.lo + unit[i] * (side.hi - side.lo));
      continue;
    }
    const int kept = static_cast<int>(side.choices.size());
    const int choice = side.choices[std::min(static_cast<int>(unit[i] * kept), kept - 1)];
    inside[i] = (choice + 0.5) / space_->parameter(static_cast<int>(i)).values().size();
  }
  return inside;
}

google::protobuf::Map<std::string, v1::Domain> ZoomBox::Domains() const {
  google::protobuf::Map<std::string, v1::Domain> domains;
  for (int i = 0; i < space_->size(); ++i) {
    const Parameter& parameter = space_->parameter(i);
    v1::Domain& domain = domains[parameter.name()];
    if (sides_[i].choices.empty()) {
      domain = parameter.Narrowed(sides_[i].lo, sides_[i].hi);
      continue;
    }
    domain = parameter.domain();
    domain.mutable_choice()->clear_values();
    for (const int choice : sides_[i].choices) {
      *domain.mutable_choice()->add_values() = parameter.values()[choice];
    }
  }
  return domains;
}

}  // namespace caviar::search
