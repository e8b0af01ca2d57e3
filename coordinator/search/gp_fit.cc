#include "coordinator/search/gp_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "coordinator/search/minimize_in_box.h"
#include "coordinator/search/row_cholesky.h"

namespace caviar::search {
namespace {

constexpr int kEvaluationsMax = 30;
// Length scales in units of GpData::spans. Their middle grows with the root of the number of
// parameters, as distances in the unit cube do.
constexpr double kLengthMiddle = 0.5;
constexpr double kLengthSpread = 1.0;  // standard deviations, of the logarithm
constexpr double kLengthMin = 0.03;
constexpr double kLengthMax = 50;
constexpr double kSignalSpread = 1.0;
constexpr double kSignalMin = 0.02;
constexpr double kSignalMax = 50;
constexpr double kNoiseMiddle = 1e-4;
constexpr double kNoiseSpread = 2.5;
constexpr double kNoiseMin = 1e-6;
constexpr double kNoiseMax = 1;
// Noisy data have two explanations, each with its own optimum: all is noise but the large waves, or
// nothing is and the waves are short. One search starts on either side.
constexpr double kNoisyStart = 0.1;

struct LogPrior {
  double middle = 0;
  double spread = 1;
};

double SpanOf(const GpData& data, size_t index) {
  return data.spans.empty() ? 1 : data.spans[index];
}

LogPrior PriorOf(const GpData& data, size_t index, size_t dimensions) {
  if (index < dimensions) {
    const double length =
        kLengthMiddle * std::sqrt(static_cast<double>(dimensions)) * SpanOf(data, index);
    return {-2 * std::log(length), 2 * kLengthSpread};
  }
  if (index == dimensions) return {0, kSignalSpread};
  return {std::log(kNoiseMiddle), kNoiseSpread};
}

Box Bounds(const GpData& data, size_t dimensions) {
  Box box;
  for (size_t c = 0; c < dimensions; ++c) {
    box.lower.push_back(-2 * std::log(kLengthMax * SpanOf(data, c)));
    box.upper.push_back(-2 * std::log(kLengthMin * SpanOf(data, c)));
  }
  box.lower.insert(box.lower.end(), {std::log(kSignalMin), std::log(kNoiseMin)});
  box.upper.insert(box.upper.end(), {std::log(kSignalMax), std::log(kNoiseMax)});
  return box;
}

}  // namespace

std::vector<double> LogsOf(const GpParameters& parameters) {
  std::vector<double> logs;
  for (const double weight : parameters.weights) logs.push_back(std::log(weight));
  logs.push_back(std::log(parameters.signal));
  logs.push_back(std::log(parameters.noise));
  return logs;
}

GpParameters FromLogs(std::span<const double> logs) {
  GpParameters parameters;
  for (const double log : logs.first(logs.size() - 2)) {
    parameters.weights.push_back(std::exp(log));
  }
  parameters.signal = std::exp(logs[logs.size() - 2]);
  parameters.noise = std::exp(logs[logs.size() - 1]);
  return parameters;
}

double NegativeLogPosterior(const GpKernel& kernel, const GpData& data,
                            std::span<const double> logs, std::span<double> gradient) {
  const GpParameters parameters = FromLogs(logs);
  const size_t n = data.targets.size();
  const size_t d = kernel.dimensions();
  std::fill(gradient.begin(), gradient.end(), 0.0);

  RowCholesky factor;
  std::vector<double> radii;  // below the diagonal, row by row
  std::vector<double> row;
  for (size_t i = 0; i < n; ++i) {
    row.clear();
    for (size_t j = 0; j < i; ++j) {
      radii.push_back(kernel.SquaredRadius(parameters, data.features[i], data.features[j]));
      row.push_back(parameters.signal * GpKernel::Correlation(radii.back()));
    }
    row.push_back(parameters.signal + parameters.noise);
    if (!factor.Append(row)) return std::numeric_limits<double>::infinity();
  }
  std::vector<double> alpha = data.targets;
  factor.SolveLower(alpha);
  double value = 0.5 * factor.LogDeterminant() + 0.5 * n * std::log(2 * std::numbers::pi);
  for (const double entry : alpha) value += 0.5 * entry * entry;
  factor.SolveUpper(alpha);

  // dL/dK = (K^-1 - alpha alpha^T) / 2; entries off the diagonal count twice.
  const std::vector<double> inverse = factor.Inverse();
  size_t pair = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < i; ++j, ++pair) {
      const double by_k = inverse[i * n + j] - alpha[i] * alpha[j];
      gradient[d] += by_k * parameters.signal * GpKernel::Correlation(radii[pair]);
      const double by_radius = by_k * parameters.signal * GpKernel::CorrelationSlope(radii[pair]);
      for (size_t c = 0; c < d; ++c) {
        gradient[c] += by_radius * parameters.weights[c] *
                       kernel.Distance(c, data.features[i][c], data.features[j][c]);
      }
    }
    const double by_k = 0.5 * (inverse[i * n + i] - alpha[i] * alpha[i]);
    gradient[d] += by_k * parameters.signal;
    gradient[d + 1] += by_k * parameters.noise;
  }
  for (size_t c = 0; c < logs.size(); ++c) {
    const LogPrior prior = PriorOf(data, c, d);
    const double off = (logs[c] - prior.middle) / prior.spread;
    value += 0.5 * off * off;
    gradient[c] += off / prior.spread;
  }
  return value;
}

GpParameters FitGp(const GpKernel& kernel, const GpData& data) {
  std::vector<double> start;
  for (size_t c = 0; c < kernel.dimensions() + 2; ++c) {
    start.push_back(PriorOf(data, c, kernel.dimensions()).middle);
  }
  const auto function = [&](std::span<const double> logs, std::span<double> gradient) {
    return NegativeLogPosterior(kernel, data, logs, gradient);
  };
  const Box bounds = Bounds(data, kernel.dimensions());
  const Minimum quiet = MinimizeInBox(function, start, bounds, kEvaluationsMax);
  start.back() = std::log(kNoisyStart);
  const Minimum noisy = MinimizeInBox(function, start, bounds, kEvaluationsMax);
  return FromLogs((noisy.value < quiet.value ? noisy : quiet).x);
}

}  // namespace caviar::search
