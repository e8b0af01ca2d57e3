// What every sampler that learns from Observations promises, over random spaces.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "common/random/rng.h"
#include "coordinator/search/sampler.h"
#include "gtest/gtest.h"
#include "tests/coordinator/search/observed_job.h"
#include "tests/coordinator/search/random_space.h"

namespace caviar::search {
namespace {

const char* const kLearningSamplers[] = {
    R"({"cmaes": {"population": 6, "sigma": 0.17}})",
    R"({"gp": {"startup_trials": 5, "acquisition": "LOG_EI"}})",
    R"({"gp": {"startup_trials": 5, "acquisition": "UCB_PE"}})",
};

double HashLoss(const Point& point) {
  return static_cast<double>(DeriveSeed(uint64_t{1}, PointText(point)) % 1000);
}

TEST(LearningSamplersTest, StayInsideConditionalSpacesWhateverTrialsCameTo) {
  Rng rng(11);
  for (int i = 0; i < 15; ++i) {
    const auto domains = RandomDomains(rng, 8);
    const absl::StatusOr<Space> space = Space::Create(domains);
    ASSERT_TRUE(space.ok());
    for (const char* sampler : kLearningSamplers) {
      const ObservedJob job(ObservedSpec(sampler, domains, i),
                            {.trials = 30, .parallel = 3, .has_accidents = true}, HashLoss);
      for (const Proposal& proposal : job.proposals) {
        EXPECT_TRUE(space->Contains(proposal.point)) << sampler << PointText(proposal.point);
      }
    }
  }
}

TEST(LearningSamplersTest, SameSeedAndObservationsGiveTheSamePoints) {
  Rng rng(12);
  for (int i = 0; i < 6; ++i) {
    const auto domains = RandomDomains(rng, 8);
    for (const char* sampler : kLearningSamplers) {
      const v1::JobSpec spec = ObservedSpec(sampler, domains, 3);
      const ObservedJob::Options options{.trials = 25, .parallel = 4, .has_accidents = true};
      const ObservedJob first(spec, options, HashLoss);
      const ObservedJob second(spec, options, HashLoss);
      for (size_t k = 0; k < first.proposals.size(); ++k) {
        ASSERT_TRUE(SamePoint(first.proposals[k].point, second.proposals[k].point)) << sampler;
      }
    }
  }
}

// A proposal depends on what has ended, not on when: the same trials, told in another order, give
// the same point to a sampler that has never been asked before.
TEST(LearningSamplersTest, OrderInWhichTrialsEndedDoesNotMatter) {
  Rng rng(13);
  for (int i = 0; i < 6; ++i) {
    const auto domains = RandomDomains(rng, 6);
    for (const char* sampler : kLearningSamplers) {
      const v1::JobSpec spec = ObservedSpec(sampler, domains, 5);
      const ObservedJob job(spec, {.trials = 20}, HashLoss);
      const absl::StatusOr<JobSampler> fresh = JobSampler::Create(spec);
      ASSERT_TRUE(fresh.ok());
      Observations told(fresh->space(), v1::Objective::MINIMIZE);
      std::vector<uint32_t> order;
      for (uint32_t number = 1; number <= 20; ++number) {
        const Proposal& proposal = job.proposals[number - 1];
        told.AddTrial(fresh->space(), proposal.point, proposal.note);
        order.push_back(number);
      }
      rng.Shuffle(std::span<uint32_t>(order));
      for (const uint32_t number : order) {
        told.EndTrial(number, Observations::Outcome::kCompleted,
                      HashLoss(job.proposals[number - 1].point), 3);
      }
      const absl::StatusOr<JobSampler> same = JobSampler::Create(spec);
      ASSERT_TRUE(same.ok());
      EXPECT_TRUE(SamePoint(fresh->Propose(21, {}, told)->point,
                            same->Propose(21, {}, job.observations)->point))
          << sampler;
    }
  }
}

TEST(LearningSamplersTest, TryEveryPointOfASmallSpaceBeforeAnyTwice) {
  const auto domains = SpecFromJson(R"({"space": {"a": {"int": {"min": 1, "max": 3}},
                                                  "b": {"choice": ["x", "y"]}}})")
                           .space();
  for (const char* sampler : kLearningSamplers) {
    for (uint32_t seed = 0; seed < 10; ++seed) {
      const ObservedJob job(ObservedSpec(sampler, domains, seed), {.trials = 5, .parallel = 2},
                            HashLoss);
      std::vector<std::string> seen;
      for (const Proposal& proposal : job.proposals) seen.push_back(PointText(proposal.point));
      std::sort(seen.begin(), seen.end());
      EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end()) << sampler << " " << seed;
    }
  }
}

TEST(LearningSamplersTest, ASpaceWithoutParametersGivesEmptyPoints) {
  for (const char* sampler : kLearningSamplers) {
    const ObservedJob job(ObservedSpec(sampler, {}, 1), {.trials = 20}, HashLoss);
    EXPECT_EQ(job.proposals.back().point.fields_size(), 0) << sampler;
  }
}

double Coordinate(const Point& point, const char* name) {
  return point.fields().at(name).number_value();
}

double Sphere(const Point& point) {
  double sum = 0;
  for (const auto& [name, value] : point.fields()) sum += std::pow(value.number_value() - 0.3, 2);
  return sum;
}

double Branin(const Point& point) {
  const double x = Coordinate(point, "x");
  const double bowl = Coordinate(point, "y") - 0.129185 * x * x + 1.591549 * x - 6;
  return bowl * bowl + 9.602113 * std::cos(x) + 10;
}

struct Race {
  const char* sampler;
  int trials;
  int seeds;
};

double MedianBest(const char* sampler, const Race& race, const char* space,
                  const std::function<double(const Point&)>& loss) {
  std::vector<double> best;
  for (int seed = 1; seed <= race.seeds; ++seed) {
    const v1::JobSpec spec = ObservedSpec(sampler, SpecFromJson(space).space(), seed);
    best.push_back(ObservedJob(spec, {.trials = race.trials, .parallel = 2}, loss).best);
  }
  std::sort(best.begin(), best.end());
  return best[best.size() / 2];
}

TEST(LearningSamplersTest, BeatRandomClearlyOnSphereAndBranin) {
  const char* sphere = R"({"space": {"a": {"uniform": {"min": -1, "max": 1}},
                                     "b": {"uniform": {"min": -1, "max": 1}},
                                     "c": {"uniform": {"min": -1, "max": 1}}}})";
  const char* branin = R"({"space": {"x": {"uniform": {"min": -5, "max": 10}},
                                     "y": {"uniform": {"min": 0, "max": 15}}}})";
  const char* random = R"({"random": {}})";
  for (const Race& race : {Race{kLearningSamplers[0], 100, 15}, Race{kLearningSamplers[1], 30, 5},
                           Race{kLearningSamplers[2], 30, 5}}) {
    EXPECT_LT(MedianBest(race.sampler, race, sphere, Sphere),
              MedianBest(random, race, sphere, Sphere) / 5)
        << race.sampler;
    EXPECT_LT(MedianBest(race.sampler, race, branin, Branin) - 0.3979,
              (MedianBest(random, race, branin, Branin) - 0.3979) / 2)
        << race.sampler;
  }
}

}  // namespace
}  // namespace caviar::search
