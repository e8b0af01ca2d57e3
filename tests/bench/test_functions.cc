#include "tests/bench/test_functions.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "absl/strings/str_cat.h"
#include "caviar/v1/job.pb.h"
#include "common/random/rng.h"
#include "common/status/check.h"
#include "google/protobuf/util/json_util.h"

namespace caviar::bench {
namespace {

using search::Point;
using search::Space;

constexpr double kPi = std::numbers::pi;

Space SpaceFromJson(const std::string& json) {
  v1::JobSpec spec;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage("{\"space\": " + json + "}", &spec);
  CAVIAR_CHECK(parsed.ok()) << parsed.ToString();
  absl::StatusOr<Space> space = Space::Create(spec.space());
  CAVIAR_CHECK_OK(space.status());
  return *std::move(space);
}

double Number(const Point& point, const std::string& name) {
  return point.fields().at(name).number_value();
}

// x0 … x(dimensions - 1), each uniform in [min, max].
Space Box(int dimensions, double min, double max) {
  std::string json;
  for (int i = 0; i < dimensions; ++i) {
    absl::StrAppend(&json, i == 0 ? "{" : ", ", "\"x", i, "\": {\"uniform\": {\"min\": ", min,
                    ", \"max\": ", max, "}}");
  }
  return SpaceFromJson(json + "}");
}

std::vector<double> Coordinates(const Point& point) {
  std::vector<double> x;
  for (int i = 0; i < point.fields_size(); ++i) x.push_back(Number(point, absl::StrCat("x", i)));
  return x;
}

TestFunction OnBox(std::string name, double optimum, int dimensions, double min, double max,
                   double (*function)(std::span<const double>)) {
  return {std::move(name), optimum, Box(dimensions, min, max),
          [function](const Point& point) { return function(Coordinates(point)); }};
}

// The same with the optimum at another place.
TestFunction Shifted(std::string name, std::vector<double> optimum, double min, double max,
                     double (*function)(std::span<const double>)) {
  const int dimensions = static_cast<int>(optimum.size());
  return {std::move(name), 0, Box(dimensions, min, max),
          [function, optimum = std::move(optimum)](const Point& point) {
            std::vector<double> x = Coordinates(point);
            for (size_t i = 0; i < x.size(); ++i) x[i] -= optimum[i];
            return function(x);
          }};
}

double Branin(std::span<const double> x) {
  const double bowl = x[1] - 5.1 / (4 * kPi * kPi) * x[0] * x[0] + 5 / kPi * x[0] - 6;
  return bowl * bowl + 10 * (1 - 1 / (8 * kPi)) * std::cos(x[0]) + 10;
}

double Hartmann6(std::span<const double> x) {
  static constexpr double kHeights[] = {1, 1.2, 3, 3.2};
  static constexpr double kWidths[][6] = {{10, 3, 17, 3.5, 1.7, 8},
                                          {0.05, 10, 17, 0.1, 8, 14},
                                          {3, 3.5, 1.7, 10, 17, 8},
                                          {17, 8, 0.05, 10, 0.1, 14}};
  static constexpr double kCentres[][6] = {{1312, 1696, 5569, 124, 8283, 5886},
                                           {2329, 4135, 8307, 3736, 1004, 9991},
                                           {2348, 1451, 3522, 2883, 3047, 6650},
                                           {4047, 8828, 8732, 5743, 1091, 381}};
  double sum = 0;
  for (int i = 0; i < 4; ++i) {
    double exponent = 0;
    for (int j = 0; j < 6; ++j) {
      exponent += kWidths[i][j] * std::pow(x[j] - 1e-4 * kCentres[i][j], 2);
    }
    sum -= kHeights[i] * std::exp(-exponent);
  }
  return sum;
}

double Rosenbrock(std::span<const double> x) {
  double sum = 0;
  for (size_t i = 0; i + 1 < x.size(); ++i) {
    sum += 100 * std::pow(x[i + 1] - x[i] * x[i], 2) + std::pow(1 - x[i], 2);
  }
  return sum;
}

double Ackley(std::span<const double> x) {
  double squares = 0;
  double cosines = 0;
  for (const double y : x) {
    squares += y * y / x.size();
    cosines += std::cos(2 * kPi * y) / x.size();
  }
  return -20 * std::exp(-0.2 * std::sqrt(squares)) - std::exp(cosines) + 20 + std::numbers::e;
}

double Sphere(std::span<const double> x) {
  double sum = 0;
  for (const double y : x) sum += y * y;
  return sum;
}

double Rastrigin(std::span<const double> x) {
  double sum = 0;
  for (const double y : x) sum += y * y - 10 * std::cos(2 * kPi * y) + 10;
  return sum;
}

// Shaped like what training answers: falling importance, each optimizer with a learning rate of its
// own, rates beyond it diverge, wider nets help up to a point.
double TrainingError(const Point& point) {
  const std::string optimizer = point.fields().at("optimizer").string_value();
  const double rate = std::log10(Number(point, "learning_rate"));
  const double best_rate = optimizer == "adam" ? -2.5 : optimizer == "rmsprop" ? -3.0 : -0.7;
  double error = optimizer == "adam" ? 0.020 : optimizer == "rmsprop" ? 0.024 : 0.022;
  error += 0.03 * std::pow(rate - best_rate, 2);
  if (rate > best_rate + 1.2) error += 0.5;
  if (optimizer == "momentum") {
    error += 0.02 * std::pow(std::log10(1 - Number(point, "momentum")) + 1.7, 2);
  } else {
    error += 0.005 * std::pow(std::log10(1 - Number(point, "beta2")) + 3, 2);
  }
  error += 0.008 * std::pow(std::log2(Number(point, "hidden_units")) - 7.6, 2);
  error += 0.004 * std::pow(std::log2(Number(point, "batch_size")) - 6, 2);
  error += 0.006 * std::pow(Number(point, "hidden_layers") - 2, 2);
  return error + 0.08 * std::pow(Number(point, "dropout") - 0.1, 2);
}

Space TrainingSpace() {
  return SpaceFromJson(R"({
    "learning_rate": {"log": {"min": 0.0001, "max": 1}},
    "optimizer": {"choice": ["momentum", "rmsprop", "adam"]},
    "momentum": {"logComplement": {"min": 0.9, "max": 0.999}, "when": {"optimizer": ["momentum"]}},
    "beta2": {"logComplement": {"min": 0.9, "max": 0.9999},
              "when": {"optimizer": ["rmsprop", "adam"]}},
    "hidden_units": {"intLog": {"min": 32, "max": 512}},
    "batch_size": {"values": [32, 64, 128, 256, 512]},
    "hidden_layers": {"int": {"min": 1, "max": 4}},
    "dropout": {"uniform": {"min": 0, "max": 0.5}}})");
}

}  // namespace

std::vector<TestFunction> TestFunctions() {
  std::vector<TestFunction> functions;
  functions.push_back({"Branin", 0.397887, SpaceFromJson(R"({
                         "x0": {"uniform": {"min": -5, "max": 10}},
                         "x1": {"uniform": {"min": 0, "max": 15}}})"),
                       [](const Point& point) { return Branin(Coordinates(point)); }});
  functions.push_back(OnBox("Hartmann6", -3.32237, 6, 0, 1, Hartmann6));
  functions.push_back(OnBox("Rosenbrock5", 0, 5, -5, 10, Rosenbrock));
  functions.push_back(OnBox("Ackley5", 0, 5, -32.768, 32.768, Ackley));
  functions.push_back(OnBox("sphere10", 0, 10, -5.12, 5.12, Sphere));
  functions.push_back(Shifted("Ackley5 shifted", {11, -7, 15, -18, 4}, -32.768, 32.768, Ackley));
  functions.push_back(Shifted("sphere10 shifted",
                              {2.1, -3.0, 1.2, -0.7, 3.3, -2.2, 0.4, -1.6, 2.8, -3.6}, -5.12, 5.12,
                              Sphere));
  functions.push_back(Shifted("Rastrigin3 shifted", {1.3, -2.1, 2.6}, -5.12, 5.12, Rastrigin));
  functions.push_back({"like training", 0.020, TrainingSpace(), TrainingError});
  functions.push_back({"like training, noisy", 0.020, TrainingSpace(), [](const Point& point) {
                         // The noise of initial weights: fixed by the point, so that runs repeat.
                         Rng rng(static_cast<uint64_t>(1e15 * Number(point, "learning_rate")));
                         return TrainingError(point) + 0.003 * rng.Normal();
                       }});
  return functions;
}

}  // namespace caviar::bench
