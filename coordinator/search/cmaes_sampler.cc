// CMA-ES that waits for nobody. A trial belongs to the generation that its note names, and is drawn
// from what the generations before have taught. A generation has taught what it can as soon as
// `population` of its trials have ended; until then further trials are drawn from it. Whatever ends
// later still counts for its own generation: each proposal goes through all generations again, in
// order, with every trial that has ended, so that it depends on what is known and not on when it
// came to be known.
//
// Trials that no generation drew (tried first, or given from outside) count for the one that was
// current when they were created; those of another job shape the first distribution. A distribution
// that has converged starts again from a random place with twice the population (Auger and Hansen
// 2005, "A restart CMA evolution strategy with increasing population size").
#include <algorithm>
#include <utility>

#include "common/random/rng.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "coordinator/search/allowed_point.h"
#include "coordinator/search/cmaes_distribution.h"
#include "coordinator/search/known_point.h"
#include "coordinator/search/sampler.h"
#include "coordinator/search/unit_draw.h"

namespace caviar::search {
namespace {

// Draws that turn out to be points already tried are drawn again this often, most of them from the
// whole space: a narrow distribution over few values may have nothing new left.
constexpr uint32_t kKnownRedrawsMax = 32;
constexpr uint32_t kNarrowRedraws = 8;
// From here on a proposal takes milliseconds.
constexpr size_t kCmaesQuickRowsMax = 2000;
// Draws of the distribution that constraints do not allow are drawn again this often.
constexpr uint32_t kAllowedRedraws = 100;
// Doubled for each restart up to here.
constexpr int kRestartPopulationMax = 10'000;

// Rows that have ended, by generation from 1, each with the best first; [0] is empty.
std::vector<std::vector<size_t>> RowsByGeneration(const Observations& observations) {
  std::vector<uint32_t> generation_of(observations.rows(), 0);
  uint32_t current = 1;
  uint32_t last = 1;
  for (size_t row = observations.priors(); row < observations.rows(); ++row) {
    if (observations.row(row).note > 0) current = observations.row(row).note;
    generation_of[row] = current;
    last = std::max(last, current);
  }
  std::vector<std::vector<size_t>> generations(size_t{last} + 1);
  for (const Observations::Ranked& ranked : observations.ranking()) {
    if (ranked.row >= observations.priors()) {
      generations[generation_of[ranked.row]].push_back(ranked.row);
    }
  }
  return generations;
}

bool HasValuedPrior(const Observations& observations) {
  for (size_t row = 0; row < observations.priors(); ++row) {
    if (observations.row(row).outcome != Observations::Outcome::kInfeasible) return true;
  }
  return false;
}

class CmaesSampler : public Sampler {
 public:
  CmaesSampler(const v1::CmaesSampler& settings, const Space& space)
      : settings_(settings), axes_(space) {
    CAVIAR_CHECK(settings.population() >= 2 && settings.sigma() > 0);
  }

  absl::StatusOr<Proposal> Propose(const SampleRequest& request) const override {
    Proposal proposal;
    const CmaesDistribution distribution = Learnt(request, proposal.note);
    const auto draw = [&](uint64_t seed) -> absl::StatusOr<Point> {
      Point point = request.space.AtUnit(distribution.Draw(request.space, seed));
      const uint64_t further = DeriveSeed(seed, "constraints");
      for (uint32_t redraw = 0; redraw < kAllowedRedraws; ++redraw) {
        if (request.space.Allows(point)) return point;
        point = request.space.AtUnit(
            distribution.Draw(request.space, DeriveSeed(further, uint64_t{redraw})));
      }
      return DrawAllowed(request.space, further, 1);
    };
    const uint64_t seed = SeedOf(request, request.trial_number);
    CAVIAR_ASSIGN_OR_RETURN(proposal.point, draw(seed));
    if (request.observations == nullptr) return proposal;
    for (uint32_t redraw = 0; redraw < kKnownRedrawsMax &&
                              IsKnownPoint(request.space, *request.observations, proposal.point);
         ++redraw) {
      const uint64_t again = DeriveSeed(seed, uint64_t{redraw});
      CAVIAR_ASSIGN_OR_RETURN(proposal.point, redraw < kNarrowRedraws
                                                  ? draw(again)
                                                  : DrawAllowed(request.space, again, 1));
    }
    return proposal;
  }

  bool ThinksLong(const SampleRequest& request) const override {
    return request.observations != nullptr && request.observations->rows() > kCmaesQuickRowsMax;
  }

 private:
  static uint64_t SeedOf(const SampleRequest& request, uint64_t trial_number) {
    return DeriveSeed(DeriveSeed(request.seed, "cmaes"), trial_number);
  }

  // The distribution of the generation that is current, and its number.
  CmaesDistribution Learnt(const SampleRequest& request, uint32_t& generation) const {
    CmaesDistribution distribution = Initial(request);
    generation = 1;
    if (request.observations == nullptr) return distribution;
    const std::vector<std::vector<size_t>> generations = RowsByGeneration(*request.observations);
    int population = settings_.population();
    for (uint32_t restarts = 0; generation < generations.size(); ++generation) {
      const std::vector<size_t>& rows = generations[generation];
      if (static_cast<int>(rows.size()) < population) break;
      Learn(request, rows, population, distribution);
      if (!distribution.HasConverged()) continue;
      population = std::min(2 * population, kRestartPopulationMax);
      distribution = Restarted(request, ++restarts);
    }
    return distribution;
  }

  void Learn(const SampleRequest& request, const std::vector<size_t>& rows, int population,
             CmaesDistribution& distribution) const {
    std::vector<uint64_t> seeds;
    seeds.reserve(rows.size());
    for (const size_t row : rows) {
      seeds.push_back(SeedOf(request, row - request.observations->priors() + 1));
    }
    distribution.Learn(*request.observations, rows, seeds, population);
  }

  CmaesDistribution Initial(const SampleRequest& request) const {
    if (request.observations != nullptr && HasValuedPrior(*request.observations)) {
      return CmaesDistribution::AroundPriors(axes_, *request.observations);
    }
    return {axes_, std::vector<double>(axes_.numeric.size(), 0.5), settings_.sigma()};
  }

  CmaesDistribution Restarted(const SampleRequest& request, uint32_t restarts) const {
    const std::vector<double> place =
        DrawUnit(request.space, DeriveSeed(request.seed, "cmaes restart"), restarts);
    std::vector<double> mean;
    for (const CmaesAxis& axis : axes_.numeric) mean.push_back(place[axis.parameter]);
    return {axes_, std::move(mean), settings_.sigma()};
  }

  v1::CmaesSampler settings_;
  CmaesAxes axes_;
};

}  // namespace

std::unique_ptr<Sampler> MakeCmaesSampler(const v1::CmaesSampler& settings, const Space& space) {
  return std::make_unique<CmaesSampler>(settings, space);
}

}  // namespace caviar::search
