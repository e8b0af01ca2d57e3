// ParzenEstimator::LogDensity: all places against all kernels, block by block of kernels, so that
// what is summed up stays in the first cache and the inner loops have a fixed length.
//
// A block holds one exponent a place and kernel, built up axis by axis, and takes a single exp at
// the end. So that none overflows, each axis' part is taken relative to the most it can be: no
// exponent is above 0; what was taken off is added to the logarithm.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "coordinator/search/kernel_mass.h"
#include "coordinator/search/normal_distribution.h"
#include "coordinator/search/parzen_estimator.h"
#include "coordinator/search/parzen_kernels.h"

namespace caviar::search {
namespace {

double LogSumExp(double a, double b) {
  const double larger = std::max(a, b);
  return larger + std::log(std::exp(a - larger) + std::exp(b - larger));
}

}  // namespace

class DensityPass {
 public:
  DensityPass(const ParzenEstimator& estimator, std::span<const double> places, int count)
      : estimator_(estimator),
        axes_(estimator.axes_),
        places_(places),
        count_(count),
        offsets_(count, 0.0),
        priors_(count, std::log(estimator.prior_weight_)),
        exponents_(count) {
    for (int axis = 0; axis < axes_.size(); ++axis) {
      if (axes_[axis].kind == Axis::Kind::kContinuous) {
        PrepareContinuous(axis);
      } else {
        PrepareCells(axis);
      }
    }
  }

  std::vector<double> Run() {
    std::vector<double> sums(count_, 0.0);
    const size_t kernels = estimator_.group_.weights.size();
    for (size_t first = 0; first < kernels; first += kParzenBlock) {
      AddBlock(first, std::min<size_t>(kParzenBlock, kernels - first), sums);
    }
    for (int c = 0; c < count_; ++c) {
      // A sum of 0 has the logarithm -infinity, and the prior alone remains.
      sums[c] = LogSumExp(std::log(sums[c]) + offsets_[c], priors_[c]) -
                std::log(estimator_.total_weight_);
    }
    return sums;
  }

 private:
  struct Continuous {
    int axis = 0;
    bool has_gaps = false;
    double scale = 1;
    KernelMass mass;
    std::vector<float> x;        // of each place, scaled; NaN where it is inactive
    std::vector<float> without;  // the exponent of a kernel that lacks the axis
  };
  struct Cells {
    int axis = 0;
    // One table of log probabilities a different cell among the places, by the kernel's cell; and
    // which one each place takes, -1 where it is inactive.
    std::vector<std::vector<float>> tables;
    std::vector<int> table_of;
  };

  double At(int place, int axis) const { return places_[place * axes_.size() + axis]; }

  void PrepareContinuous(int axis) {
    static const double kPriorAtMean = LogCutNormal(kPriorMean, kPriorMean, kPriorDeviation);
    const double bandwidth = estimator_.fits_[axis].bandwidth;
    Continuous& prepared = continuous_.emplace_back(Continuous{
        .axis = axis,
        .has_gaps = estimator_.fits_[axis].has_gaps,
        .scale = 1 / (bandwidth * std::numbers::sqrt2),
        .mass = KernelMass(bandwidth, estimator_.group_.rows),
        .x = std::vector<float>(count_),
        .without = std::vector<float>(count_),
    });
    // The most that a kernel can be: at its mean, with half of its mass inside.
    const double most =
        -std::log(bandwidth * std::sqrt(2 * std::numbers::pi)) - prepared.mass.least();
    for (int c = 0; c < count_; ++c) {
      const double u = At(c, axis);
      prepared.x[c] = static_cast<float>(u * prepared.scale);
      if (std::isnan(u)) continue;
      const double z = (u - kPriorMean) / kPriorDeviation;
      const double prior = kPriorAtMean - 0.5 * z * z;
      prepared.without[c] = static_cast<float>(prior - most);
      offsets_[c] += most;
      priors_[c] += prior;
    }
  }

  void PrepareCells(int axis) {
    const int cells = axes_[axis].cells();
    Cells& prepared = cells_.emplace_back();
    prepared.axis = axis;
    prepared.table_of.assign(count_, -1);
    std::vector<int> table_of_cell(cells, -1);
    for (int c = 0; c < count_; ++c) {
      if (std::isnan(At(c, axis))) continue;
      const int cell = axes_[axis].CellAt(At(c, axis));
      if (table_of_cell[cell] < 0) {
        table_of_cell[cell] = static_cast<int>(prepared.tables.size());
        std::vector<float>& table = prepared.tables.emplace_back();
        for (int row_cell = 0; row_cell <= cells; ++row_cell) {
          const double log_cell = estimator_.LogCell(axis, cell, row_cell);
          table.push_back(static_cast<float>(std::max(log_cell, -80.0)));
        }
      }
      prepared.table_of[c] = table_of_cell[cell];
      priors_[c] += estimator_.LogCell(axis, cell, cells);
    }
  }

  void AddBlock(size_t first, size_t size, std::vector<double>& sums) {
    ParzenRow weights{};  // what pads a last block weighs nothing
    std::copy_n(estimator_.group_.weights.begin() + first, size, weights.begin());
    for (ParzenRow& exponents : exponents_) exponents.fill(0);
    ParzenRow shared{};
    for (const Continuous& axis : continuous_) {
      const auto means = estimator_.group_.columns[axis.axis].subspan(first, size);
      if (axis.has_gaps) {
        AddWithGaps(axis, means);
      } else {
        AddContinuous(axis, means, shared);
      }
    }
    for (const Cells& axis : cells_) {
      AddCells(axis, estimator_.group_.cells[axis.axis].subspan(first, size));
    }
    kernels_.add_weighted_sums(shared, weights, exponents_, sums);
  }

  // `shared` is what a kernel's exponents have in common, whatever the place.
  void AddContinuous(const Continuous& axis, std::span<const double> means, ParzenRow& shared) {
    ParzenRow scaled{};
    for (size_t k = 0; k < means.size(); ++k) {
      scaled[k] = static_cast<float>(means[k] * axis.scale);
      shared[k] -= axis.mass.Above(means[k]);
    }
    kernels_.subtract_squares(scaled, axis.x, exponents_);
  }

  void AddWithGaps(const Continuous& axis, std::span<const double> means) {
    ParzenGaps gaps;
    for (size_t k = 0; k < means.size(); ++k) {
      if (std::isnan(means[k])) continue;
      gaps.means[k] = static_cast<float>(means[k] * axis.scale);
      gaps.masses[k] = axis.mass.Above(means[k]);
      gaps.has[k] = -1;
    }
    kernels_.subtract_squares_where_any(gaps, axis.x, axis.without, exponents_);
  }

  void AddCells(const Cells& axis, std::span<const uint16_t> cells) {
    const auto none = static_cast<uint16_t>(axes_[axis.axis].cells());
    terms_.resize(axis.tables.size());
    for (size_t t = 0; t < axis.tables.size(); ++t) {
      terms_[t].fill(0);
      for (size_t k = 0; k < cells.size(); ++k) {
        terms_[t][k] = axis.tables[t][std::min(cells[k], none)];
      }
    }
    kernels_.add_terms(terms_, axis.table_of, exponents_);
  }

  const ParzenKernels& kernels_ = ParzenPaths().front();
  const ParzenEstimator& estimator_;
  const Axes& axes_;
  std::span<const double> places_;
  int count_;
  std::vector<Continuous> continuous_;
  std::vector<Cells> cells_;
  // Of each place: what was taken off its exponents, and the log of the prior's part.
  std::vector<double> offsets_;
  std::vector<double> priors_;
  // Scratch: of each place, the block's exponents; of each table, the block's terms.
  std::vector<ParzenRow> exponents_;
  std::vector<ParzenRow> terms_;
};

std::vector<double> ParzenEstimator::LogDensity(std::span<const double> places, int count) const {
  return DensityPass(*this, places, count).Run();
}

}  // namespace caviar::search
