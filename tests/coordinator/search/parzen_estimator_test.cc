#include "coordinator/search/parzen_estimator.h"

#include <cmath>
#include <vector>

#include "coordinator/search/normal_distribution.h"
#include "coordinator/search/unit_draw.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

// Rows at random places of a space, all of them of the rest; every third has not ended.
Observations RandomRows(const Space& space, int rows, uint64_t seed) {
  Observations observations(space, v1::Objective::MINIMIZE);
  for (int k = 1; k <= rows; ++k) {
    observations.AddTrial(space, space.AtUnit(DrawUnit(space, seed, k)));
    if (k % 3 == 0) continue;
    observations.EndTrial(k, Observations::Outcome::kCompleted, Rng(seed + k).Uniform(), 1);
  }
  return observations;
}

// The density from its definition, in double precision and with no cleverness.
double NaiveLogDensity(const Axes& axes, const TrialGroup& group, const ParzenEstimator& fitted,
                       double prior_weight, std::span<const double> place) {
  const auto log_kernel = [&](int axis, double u, double mean) {
    const Axis& shape = axes[axis];
    const bool is_prior = std::isnan(mean);
    if (shape.kind == Axis::Kind::kChoice) {
      const double cells = shape.cells();
      if (is_prior) return -std::log(cells);
      const double share = prior_weight / (group.rows + 1);
      const bool same = shape.CellAt(u) == shape.CellAt(mean);
      return std::log((share + same) / (1 + share * cells));
    }
    if (shape.kind == Axis::Kind::kContinuous) {
      return LogCutNormal(u, is_prior ? 0.5 : mean, is_prior ? 1 : fitted.bandwidth(axis));
    }
    const double m = is_prior ? 0.5 : shape.CellMiddle(shape.CellAt(mean));
    const double deviation = is_prior ? 1 : fitted.bandwidth(axis);
    const int cell = shape.CellAt(u);
    return std::log(std::max(1e-300, NormalMass((shape.edges[cell] - m) / deviation,
                                                (shape.edges[cell + 1] - m) / deviation) /
                                         NormalMass(-m / deviation, (1 - m) / deviation)));
  };
  double density = 0;
  double weights = prior_weight;
  for (size_t k = 0; k <= group.weights.size(); ++k) {
    const bool is_prior = k == group.weights.size();
    const double weight = is_prior ? prior_weight : group.weights[k];
    if (!is_prior) weights += weight;
    double log_product = 0;
    for (int axis = 0; axis < axes.size(); ++axis) {
      if (std::isnan(place[axis])) continue;
      log_product += log_kernel(axis, place[axis], is_prior ? NAN : group.columns[axis][k]);
    }
    density += weight * std::exp(log_product);
  }
  return std::log(density / weights);
}

TEST(ParzenEstimatorTest, BandwidthIsTheSpreadWithThePriorsShareNarrowedByTheRows) {
  const Space space = SpaceFromJson(R"({"x": {"uniform": {"min": 0, "max": 1}}})");
  Observations observations(space, v1::Objective::MINIMIZE);
  for (const double x : {0.2, 0.4}) {
    Point point;
    (*point.mutable_fields())["x"].set_number_value(x);
    observations.AddTrial(space, point);
  }
  const TpeSplit split = SplitTrials(observations, 0);
  const Axes axes(space);
  // Variance of 0.2 and 0.4 is 0.01; with a prior of weight 1: (2 * 0.01 + 0.0625) / 3. d = 1.
  EXPECT_NEAR(ParzenEstimator(axes, split.rest, 1).bandwidth(0),
              std::sqrt(0.0825 / 3) * std::pow(2, -0.2), 1e-7);
  // The prior alone fills the range.
  EXPECT_EQ(ParzenEstimator(axes, split.good, 1).bandwidth(0), 1);
}

TEST(ParzenEstimatorTest, ProbabilitiesOfCellsSumToOne) {
  const Space space = SpaceFromJson(R"({"choice": {"choice": ["a", "b", "c"]},
                                        "layers": {"int": {"min": 1, "max": 5}},
                                        "units": {"intLog": {"min": 4, "max": 40}},
                                        "batch": {"values": [8, 16, 64]}})");
  const Observations observations = RandomRows(space, 40, 3);
  const Axes axes(space);
  const TpeSplit split = SplitTrials(observations, 4);
  for (const TrialGroup* group : {&split.good, &split.rest}) {
    const ParzenEstimator estimator(axes, *group, 1);
    for (int axis = 0; axis < axes.size(); ++axis) {
      for (int row_cell = 0; row_cell <= axes[axis].cells(); ++row_cell) {
        double sum = 0;
        for (int cell = 0; cell < axes[axis].cells(); ++cell) {
          sum += std::exp(estimator.LogCell(axis, cell, row_cell));
        }
        EXPECT_NEAR(sum, 1, 1e-9) << axis << " " << row_cell;
      }
    }
  }
}

TEST(ParzenEstimatorTest, DensityOfAConditionalSpaceHasMassOne) {
  // x is active for adam only: mass of {adam} x [0, 1], and of {momentum}.
  const Space space = SpaceFromJson(R"({
      "optimizer": {"choice": ["adam", "momentum"]},
      "x": {"uniform": {"min": 0, "max": 1}, "when": {"optimizer": ["adam"]}}})");
  const Observations observations = RandomRows(space, 30, 5);
  const Axes axes(space);
  const TpeSplit split = SplitTrials(observations, 3);
  for (const TrialGroup* group : {&split.good, &split.rest}) {
    const ParzenEstimator estimator(axes, *group, 1);
    constexpr int kSteps = 2000;
    std::vector<double> places;
    for (int i = 0; i < kSteps; ++i) places.insert(places.end(), {0.25, (i + 0.5) / kSteps});
    places.insert(places.end(), {0.75, NAN});
    const std::vector<double> log_density = estimator.LogDensity(places, kSteps + 1);
    double mass = std::exp(log_density.back());
    for (int i = 0; i < kSteps; ++i) mass += std::exp(log_density[i]) / kSteps;
    EXPECT_NEAR(mass, 1, 2e-3);
  }
}

TEST(ParzenEstimatorTest, FastDensityIsThatOfTheDefinitionOnRandomSpaces) {
  Rng rng(11);
  for (int i = 0; i < 60; ++i) {
    const absl::StatusOr<Space> space = Space::Create(RandomDomains(rng, 9));
    ASSERT_TRUE(space.ok());
    // More rows than a block has, and a last block that is not full.
    const Observations observations = RandomRows(*space, i % 2 == 0 ? 40 : 300, 100 + i);
    const Axes axes(*space);
    const TpeSplit split = SplitTrials(observations, 8);
    const ParzenEstimator good(axes, split.good, 1);
    const ParzenEstimator rest(axes, split.rest, 1);
    constexpr int kPlaces = 12;
    std::vector<double> places(kPlaces * axes.size());
    for (int c = 0; c < kPlaces; ++c) {
      (c % 2 == 0 ? good : rest)
          .Draw(rng, std::span<double>(places).subspan(c * axes.size(), axes.size()));
    }
    for (const auto& [estimator, group] :
         {std::pair(&good, &split.good), std::pair(&rest, &split.rest)}) {
      const std::vector<double> fast = estimator->LogDensity(places, kPlaces);
      for (int c = 0; c < kPlaces; ++c) {
        const std::span<const double> place =
            std::span<const double>(places).subspan(c * axes.size(), axes.size());
        EXPECT_NEAR(fast[c], NaiveLogDensity(axes, *group, *estimator, 1, place), 0.01)
            << "space " << i << ", place " << c;
      }
    }
  }
}

TEST(ParzenEstimatorTest, DrawsPlacesThatAreActiveWhereTheSpaceSaysSo) {
  Rng rng(12);
  for (int i = 0; i < 60; ++i) {
    const absl::StatusOr<Space> space = Space::Create(RandomDomains(rng, 9));
    ASSERT_TRUE(space.ok());
    const Observations observations = RandomRows(*space, 25, 200 + i);
    const Axes axes(*space);
    const TpeSplit split = SplitTrials(observations, 5);
    const ParzenEstimator good(axes, split.good, 1);
    std::vector<double> place(axes.size());
    for (int draw = 0; draw < 20; ++draw) {
      good.Draw(rng, place);
      std::vector<double> numbers = place;
      for (double& u : numbers) u = std::isnan(u) ? 0 : u;
      const std::vector<std::optional<double>> active = space->UnitOf(space->AtUnit(numbers));
      for (int axis = 0; axis < axes.size(); ++axis) {
        EXPECT_EQ(std::isnan(place[axis]), !active[axis].has_value()) << "space " << i;
      }
    }
  }
}

TEST(AxesTest, CellsHoldThePlacesOfTheirValues) {
  Rng rng(13);
  for (int i = 0; i < 100; ++i) {
    const absl::StatusOr<Space> space = Space::Create(RandomDomains(rng, 6));
    ASSERT_TRUE(space.ok());
    const Axes axes(*space);
    for (int axis = 0; axis < axes.size(); ++axis) {
      if (axes[axis].kind == Axis::Kind::kContinuous) continue;
      const Parameter& parameter = space->parameter(axis);
      ASSERT_EQ(static_cast<uint64_t>(axes[axis].cells()), *parameter.cardinality());
      for (int cell = 0; cell < axes[axis].cells(); ++cell) {
        const double middle = axes[axis].CellMiddle(cell);
        EXPECT_EQ(axes[axis].CellAt(middle), cell);
        EXPECT_EQ(parameter.CellAt(middle), cell);
        EXPECT_EQ(axes[axis].CellAt(*parameter.UnitOf(parameter.AtUnit(middle))), cell);
      }
    }
  }
}

}  // namespace
}  // namespace caviar::search
