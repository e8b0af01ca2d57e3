#include "coordinator/search/gp_search.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "common/random/rng.h"
#include "coordinator/search/allowed_point.h"
#include "coordinator/search/known_point.h"
#include "coordinator/search/unit_draw.h"

namespace caviar::search {
namespace {

constexpr uint32_t kSobolCandidates = 256;
// Around each of the best trials, half at each of two distances.
constexpr size_t kCentres = 4;
constexpr int kAroundCentre = 20;
constexpr double kNearDeviations[] = {0.02, 0.1};
// How many of the candidates are climbed, and how far.
constexpr size_t kClimbs = 4;
constexpr int kClimbEvaluations = 30;
// Whole numbers and lists of more values are climbed like ranges and rounded.
constexpr uint64_t kSteppedValuesMax = 20;
// Where constraints allow few of the candidates: draws until there are enough, this many times as
// many at most.
constexpr uint32_t kDrawsACandidateMax = 8;
// A climb that has left what is allowed goes back, half of the way each time.
constexpr int kHalvingsMax = 12;

struct Candidate {
  std::vector<double> unit;
  std::vector<double> features;
  double value = 0;
};

class Climb {
 public:
  explicit Climb(const GpSearch& search) : search_(search) {}

  std::optional<Point> Best() {
    std::vector<Candidate> candidates = Candidates();
    Sort(candidates);
    const size_t climbs = std::min(kClimbs, candidates.size());
    for (size_t i = 0; i < climbs; ++i) {
      candidates.push_back(ByGradient(candidates[i]));
    }
    Sort(candidates);
    if (!candidates.empty()) {
      std::vector<Candidate> stepped = Neighbours(candidates.front());
      Sort(stepped);
      if (!stepped.empty() && stepped.front().value > candidates.front().value) {
        candidates.push_back(ByGradient(stepped.front()));
      }
      candidates.insert(candidates.end(), stepped.begin(), stepped.end());
      Sort(candidates);
    }
    for (const Candidate& candidate : candidates) {
      Point point = search_.space.AtUnit(candidate.unit);
      if (!search_.space.Allows(point)) continue;
      if (!IsKnownPoint(search_.space, search_.observations, point)) return point;
    }
    return std::nullopt;
  }

 private:
  static void Sort(std::vector<Candidate>& candidates) {
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.value > b.value; });
  }

  Candidate At(std::vector<double> unit) const {
    Candidate candidate;
    const Point point = search_.space.AtUnit(unit);
    candidate.features = FeaturesOf(search_.space, search_.space.UnitOf(point));
    candidate.unit = std::move(unit);
    return candidate;
  }

  // Values all of them.
  void Value(std::vector<Candidate>& candidates) const {
    std::vector<std::vector<double>> points;
    points.reserve(candidates.size());
    for (const Candidate& candidate : candidates) points.push_back(candidate.features);
    const std::vector<GpModel::Prediction> predictions = search_.model.At(points);
    for (size_t i = 0; i < candidates.size(); ++i) {
      candidates[i].value = search_.acquisition.At(predictions[i]).value;
    }
  }

  std::vector<Candidate> Candidates() const {
    std::vector<Candidate> candidates;
    for (uint32_t k = 1; k <= kDrawsACandidateMax * kSobolCandidates; ++k) {
      std::vector<double> unit = Inside(SobolUnit(search_.space, search_.seed, k));
      if (IsAllowed(unit)) candidates.push_back(At(std::move(unit)));
      if (candidates.size() == kSobolCandidates) break;
    }
    Rng rng(DeriveSeed(search_.seed, "around the best"));
    for (const std::vector<double>& centre : Centres()) {
      for (int k = 0; k < kAroundCentre; ++k) {
        for (uint32_t draw = 0; draw < kDrawsACandidateMax; ++draw) {
          std::vector<double> unit = Near(centre, kNearDeviations[k % 2], rng);
          if (!IsAllowed(unit)) continue;
          candidates.push_back(At(std::move(unit)));
          break;
        }
      }
    }
    if (candidates.empty()) AddMended(candidates);
    Value(candidates);
    return candidates;
  }

  std::vector<double> Inside(std::vector<double> unit) const {
    const Box& within = search_.within;
    for (int i = 0; i < search_.space.size(); ++i) {
      if (search_.space.parameter(i).kind() == Parameter::Kind::kChoice) continue;
      unit[i] = within.lower[i] + unit[i] * (within.upper[i] - within.lower[i]);
    }
    return unit;
  }

  bool IsAllowed(std::span<const double> unit) const {
    return search_.space.constraints().empty() || search_.space.Allows(search_.space.AtUnit(unit));
  }

  // Almost nothing is allowed: what can be found with more care.
  void AddMended(std::vector<Candidate>& candidates) const {
    constexpr uint32_t kMended = 16;
    for (uint32_t k = 1; k <= kMended; ++k) {
      const absl::StatusOr<Point> point = DrawAllowed(search_.space, search_.seed, k);
      if (!point.ok()) return;
      std::vector<double>& unit = candidates.emplace_back().unit;
      for (const std::optional<double>& place : search_.space.UnitOf(*point)) {
        unit.push_back(place.value_or(0.5));
      }
      candidates.back() = At(std::move(unit));
    }
  }

  // Places of the best trials; the middle where a parameter was inactive.
  std::vector<std::vector<double>> Centres() const {
    std::vector<std::vector<double>> centres;
    for (const Observations::Ranked& ranked : search_.observations.ranking()) {
      if (centres.size() == kCentres) break;
      std::vector<double>& centre = centres.emplace_back();
      for (int i = 0; i < search_.space.size(); ++i) {
        const double place = search_.observations.column(i)[ranked.row];
        centre.push_back(std::isnan(place) ? 0.5 : place);
      }
    }
    return centres;
  }

  // Choices are drawn anew now and then, as often as one of all parameters.
  std::vector<double> Near(const std::vector<double>& centre, double deviation, Rng& rng) const {
    std::vector<double> unit = centre;
    for (int i = 0; i < search_.space.size(); ++i) {
      if (search_.space.parameter(i).kind() == Parameter::Kind::kChoice) {
        const double again = rng.Uniform();
        if (rng.Uniform() * search_.space.size() < 1) unit[i] = again;
      } else {
        unit[i] = std::clamp(unit[i] + deviation * rng.Normal(), search_.within.lower[i],
                             search_.within.upper[i]);
      }
    }
    return unit;
  }

  bool IsRange(int parameter) const {
    const Parameter& of = search_.space.parameter(parameter);
    if (of.kind() == Parameter::Kind::kChoice) return false;
    return of.cardinality().value_or(kSteppedValuesMax + 1) > kSteppedValuesMax;
  }

  // Uphill on the ranges that are active, everything else held.
  Candidate ByGradient(const Candidate& from) const {
    const Point point = search_.space.AtUnit(from.unit);
    std::vector<int> ranges;
    for (int i = 0; i < search_.space.size(); ++i) {
      if (IsRange(i) && point.fields().contains(search_.space.parameter(i).name())) {
        ranges.push_back(i);
      }
    }
    if (ranges.empty()) return from;
    std::vector<double> start;
    Box box;
    for (const int i : ranges) {
      start.push_back(from.features[i]);
      box.lower.push_back(search_.within.lower[i]);
      box.upper.push_back(search_.within.upper[i]);
    }
    std::vector<double> features = from.features;
    GpModel::Slope slope;
    const auto function = [&](std::span<const double> x, std::span<double> gradient) {
      for (size_t c = 0; c < ranges.size(); ++c) features[ranges[c]] = x[c];
      const GpAcquisition::Value value = search_.acquisition.At(search_.model.At(features, &slope));
      for (size_t c = 0; c < ranges.size(); ++c) {
        gradient[c] = -value.by_mean * slope.mean[ranges[c]] -
                      value.by_deviation * slope.deviation[ranges[c]];
      }
      return -value.value;
    };
    const Minimum top = MinimizeInBox(function, start, box, kClimbEvaluations);
    std::vector<double> unit = from.unit;
    for (size_t c = 0; c < ranges.size(); ++c) unit[ranges[c]] = top.x[c];
    for (int halving = 0; !IsAllowed(unit); ++halving) {
      if (halving == kHalvingsMax) return from;
      for (const int i : ranges) unit[i] = 0.5 * (unit[i] + from.unit[i]);
    }
    std::vector<Candidate> climbed = {At(std::move(unit))};
    Value(climbed);
    return climbed.front().value > from.value ? climbed.front() : from;
  }

  // One other value of one parameter: of a choice each, of stepped values the two beside it.
  std::vector<Candidate> Neighbours(const Candidate& of) const {
    std::vector<Candidate> neighbours;
    const auto add = [&](int parameter, double place) {
      std::vector<double> unit = of.unit;
      unit[parameter] = std::clamp(place, 0.0, 1.0);
      if (IsAllowed(unit)) neighbours.push_back(At(std::move(unit)));
    };
    for (int i = 0; i < search_.space.size(); ++i) {
      const Parameter& parameter = search_.space.parameter(i);
      if (IsRange(i) || parameter.cardinality() == 1) continue;
      const auto values = static_cast<int>(*parameter.cardinality());
      if (parameter.kind() == Parameter::Kind::kChoice) {
        for (int v = 0; v < std::min<int>(values, kSteppedValuesMax); ++v) {
          add(i, (v + 0.5) / values);
        }
      } else if (parameter.kind() == Parameter::Kind::kOrdered) {
        add(i, of.unit[i] - 1.0 / values);
        add(i, of.unit[i] + 1.0 / values);
      } else {
        google::protobuf::Value beside = parameter.AtUnit(of.unit[i]);
        beside.set_number_value(beside.number_value() - 1);
        add(i, parameter.UnitOf(beside).value_or(0.5));
        beside.set_number_value(beside.number_value() + 2);
        add(i, parameter.UnitOf(beside).value_or(0.5));
      }
    }
    Value(neighbours);
    return neighbours;
  }

  const GpSearch& search_;
};

}  // namespace

Box WholeBox(const Space& space) {
  return {std::vector<double>(space.size(), 0.0), std::vector<double>(space.size(), 1.0)};
}

std::optional<Point> MostPromising(const GpSearch& search) { return Climb(search).Best(); }

}  // namespace caviar::search
