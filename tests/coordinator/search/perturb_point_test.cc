#include "coordinator/search/perturb_point.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "google/protobuf/text_format.h"

namespace caviar::search {
namespace {

Space MakeSpace(const char* constraint = nullptr) {
  v1::JobSpec spec;
  if (constraint != nullptr) spec.add_constraints(constraint);
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        space {
          key: "learning_rate"
          value { log { min: 0.001 max: 1 } }
        }
        space {
          key: "momentum"
          value { log_complement { min: 0.5 max: 0.99 } }
        }
        space {
          key: "patience"
          value { int { min: 1 max: 20 } }
        }
        space {
          key: "hidden_units"
          value { int { min: 8 max: 64 } }
        }
        space {
          key: "dropout"
          value {
            values {
              values { number_value: 0 }
              values { number_value: 0.2 }
              values { number_value: 0.4 }
            }
          }
        }
        space {
          key: "learning_rate_schedule"
          value {
            choice {
              values { string_value: "constant" }
              values { string_value: "step" }
            }
          }
        }
        space {
          key: "step_factor"
          value {
            uniform { min: 0.1 max: 0.9 }
            when {
              key: "learning_rate_schedule"
              value { values { string_value: "step" } }
            }
          }
        }
      )pb",
      &spec));
  return *Space::Create(spec);
}

Point Middle(const Space& space) {
  return space.AtUnit(std::vector<double>(static_cast<size_t>(space.size()), 0.4));
}
double Number(const Point& point, const char* name) {
  return point.fields().at(name).number_value();
}

TEST(PerturbPointTest, ChangesNumbersByAFifthAndListsByANeighbour) {
  const Space space = MakeSpace();
  const Point point = Middle(space);
  std::set<double> rates, dropouts;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const Point near = PerturbPoint(space, point, 0, seed);
    EXPECT_TRUE(space.Contains(near)) << near.ShortDebugString();
    rates.insert(std::round(1000 * Number(near, "learning_rate") / Number(point, "learning_rate")));
    dropouts.insert(Number(near, "dropout"));
    EXPECT_EQ(Number(near, "hidden_units"), Number(point, "hidden_units"));
    const double window = (1 - Number(near, "momentum")) / (1 - Number(point, "momentum"));
    EXPECT_TRUE(std::abs(window - 1.2) < 1e-9 || std::abs(window - 0.8) < 1e-9) << window;
    EXPECT_EQ(near.fields().at("learning_rate_schedule").string_value(), "constant");
  }
  EXPECT_EQ(rates, (std::set<double>{800, 1200}));
  EXPECT_EQ(dropouts, (std::set<double>{0, 0.4})) << "0.2 has two neighbours";
}

TEST(PerturbPointTest, StaysInsideTheDomain) {
  const Space space = MakeSpace();
  const Point top = space.AtUnit(std::vector<double>(static_cast<size_t>(space.size()), 1));
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    EXPECT_TRUE(space.Contains(PerturbPoint(space, top, 0.25, seed)));
  }
}

TEST(PerturbPointTest, DrawsAnewWhatMayChangeAndWhatThatActivates) {
  const Space space = MakeSpace();
  const Point point = Middle(space);
  bool has_step = false;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const Point drawn = PerturbPoint(space, point, 1, seed);
    EXPECT_TRUE(space.Contains(drawn)) << drawn.ShortDebugString();
    EXPECT_EQ(Number(drawn, "hidden_units"), Number(point, "hidden_units"));
    has_step = has_step || drawn.fields().contains("step_factor");
  }
  EXPECT_TRUE(has_step);
}

TEST(PerturbPointTest, IsAFunctionOfTheSeed) {
  const Space space = MakeSpace();
  const Point point = Middle(space);
  EXPECT_TRUE(SamePoint(PerturbPoint(space, point, 0.5, 9), PerturbPoint(space, point, 0.5, 9)));
  EXPECT_FALSE(SamePoint(PerturbPoint(space, point, 0.5, 9), PerturbPoint(space, point, 0.5, 10)));
}

TEST(PerturbPointTest, KeepsToConstraints) {
  const Point point = Middle(MakeSpace());
  // What may not change leaves room below for patience and dropout together.
  const Space space = MakeSpace("patience + 10 * dropout <= 11");
  ASSERT_TRUE(space.Allows(point)) << point.ShortDebugString();
  std::set<double> patiences;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const Point near = PerturbPoint(space, point, 0.5, seed);
    EXPECT_TRUE(space.Allows(near)) << near.ShortDebugString();
    patiences.insert(Number(near, "patience"));
  }
  EXPECT_GT(patiences.size(), 2u);
}

}  // namespace
}  // namespace caviar::search
