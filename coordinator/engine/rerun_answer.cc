#include "coordinator/engine/rerun_answer.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/engine_state.h"
#include "coordinator/engine/job_view.h"
#include "coordinator/engine/queries.h"
#include "coordinator/engine/rerun_findings.h"
#include "coordinator/engine/rerun_job.h"
#include "coordinator/search/kendall_tau.h"
#include "coordinator/search/student_t.h"

namespace caviar::engine {
namespace {

// What the trials of one source measured, by seed.
struct Measured {
  int source = 0;
  std::vector<std::optional<double>> values, test_accuracies;
  search::MeanEstimate value;
};

std::vector<double> Present(const std::vector<std::optional<double>>& numbers) {
  std::vector<double> present;
  for (const std::optional<double>& number : numbers) {
    if (number.has_value()) present.push_back(*number);
  }
  return present;
}

v1::Estimate ToProto(const search::MeanEstimate& estimate) {
  v1::Estimate proto;
  proto.set_count(static_cast<uint32_t>(estimate.count));
  proto.set_mean(estimate.mean);
  if (estimate.interval.has_value()) {
    proto.set_low(estimate.interval->first);
    proto.set_high(estimate.interval->second);
  }
  return proto;
}

// By source.
std::vector<Measured> Gather(const Job& job) {
  const v1::Origin& origin = job.record.origin();
  std::vector<Measured> all(origin.sources_size());
  for (size_t i = 0; i < all.size(); ++i) {
    all[i].source = static_cast<int>(i);
    all[i].values.resize(origin.seeds());
    all[i].test_accuracies.resize(origin.seeds());
  }
  for (const Trial& trial : job.trials) {
    const v1::TrialRecord& record = trial.record;
    if (record.state() != v1::Trial::COMPLETED || !record.has_value()) continue;
    Measured& measured = all[SourceIndexOf(origin, record.number())];
    const uint32_t seed = SeedIndexOf(origin, record.number());
    measured.values[seed] = record.value();
    const auto accuracy = record.metrics().find("test_accuracy");
    if (accuracy != record.metrics().end()) measured.test_accuracies[seed] = accuracy->second;
  }
  for (Measured& measured : all) {
    measured.value = search::EstimateMean(Present(measured.values));
  }
  return all;
}

// The best mean first, then what has none; equal ones as they were ranked before.
void Rank(v1::Objective::Direction direction, std::vector<Measured>& all) {
  const auto order = [&](const Measured& measured) {
    const double mean = measured.value.mean;
    return std::tuple(measured.value.count == 0,
                      direction == v1::Objective::MINIMIZE ? mean : -mean, measured.source);
  };
  std::sort(all.begin(), all.end(),
            [&](const Measured& a, const Measured& b) { return order(a) < order(b); });
}

v1::RerunEntry EntryOf(const Job& job, const Measured& measured, uint32_t rank) {
  v1::RerunEntry entry;
  *entry.mutable_source() = job.record.origin().sources(measured.source);
  *entry.mutable_point() = job.spec().enqueue(measured.source);
  if (measured.value.count == 0) return entry;
  entry.set_rank(rank);
  *entry.mutable_value() = ToProto(measured.value);
  const std::vector<double> accuracies = Present(measured.test_accuracies);
  if (!accuracies.empty()) {
    *entry.mutable_test_accuracy() = ToProto(search::EstimateMean(accuracies));
  }
  return entry;
}

// Over the seeds that both have; nullopt below two of them.
std::optional<v1::Rerun::Difference> Compare(const Job& job, const Measured& first,
                                             const Measured& second) {
  std::vector<double> differences;
  for (size_t seed = 0; seed < first.values.size(); ++seed) {
    if (!first.values[seed].has_value() || !second.values[seed].has_value()) continue;
    differences.push_back(*first.values[seed] - *second.values[seed]);
  }
  if (differences.size() < 2) return std::nullopt;
  const search::MeanEstimate estimate = search::EstimateMean(differences);
  const v1::Origin& origin = job.record.origin();
  v1::Rerun::Difference difference;
  difference.set_first(origin.sources(first.source).trial());
  difference.set_second(origin.sources(second.source).trial());
  *difference.mutable_value() = ToProto(estimate);
  difference.set_p_value(search::PValueAgainstZero(estimate));
  difference.set_is_significant(job.spec().objective().direction() == v1::Objective::MINIMIZE
                                    ? estimate.interval->second < 0
                                    : estimate.interval->first > 0);
  return difference;
}

// Old ranks against new means, of `ranked`: the best first.
std::optional<double> RankCorrelation(const Job& job, const std::vector<Measured>& ranked) {
  const bool is_minimized = job.spec().objective().direction() == v1::Objective::MINIMIZE;
  std::vector<double> before, now;
  for (const Measured& measured : ranked) {
    if (measured.value.count == 0) continue;
    before.push_back(job.record.origin().sources(measured.source).rank());
    now.push_back(is_minimized ? measured.value.mean : -measured.value.mean);
  }
  return search::KendallTauB(before, now);
}

std::optional<double> SeedDeviation(const std::vector<Measured>& all) {
  double squares = 0, freedom = 0;
  for (const Measured& measured : all) {
    if (measured.value.count < 2) continue;
    const double own = static_cast<double>(measured.value.count - 1);
    squares += own * measured.value.deviation * measured.value.deviation;
    freedom += own;
  }
  if (freedom == 0) return std::nullopt;
  return std::sqrt(squares / freedom);
}

}  // namespace

absl::StatusOr<v1::Rerun> GetRerun(const EngineState& state, const v1::GetRerunRequest& request) {
  CAVIAR_ASSIGN_OR_RETURN(const uint32_t id, ResolveJob(state, request.job()));
  const Job& job = *state.FindJob(id);
  if (!job.record.has_origin()) {
    return absl::FailedPreconditionError(
        absl::StrCat("job ", id, " (", job.spec().name(),
                     ") does not train points of another job again; caviar repeat ", id,
                     " starts one that does"));
  }
  v1::Rerun answer;
  *answer.mutable_job() = JobView(job);
  std::vector<Measured> all = Gather(job);
  Rank(job.spec().objective().direction(), all);
  for (size_t i = 0; i < all.size(); ++i) {
    *answer.add_entries() = EntryOf(job, all[i], static_cast<uint32_t>(i) + 1);
  }
  if (all.size() >= 2) {
    std::optional<v1::Rerun::Difference> difference = Compare(job, all[0], all[1]);
    if (difference.has_value()) *answer.mutable_difference() = *std::move(difference);
  }
  const std::optional<double> correlation = RankCorrelation(job, all);
  if (correlation.has_value()) answer.set_rank_correlation(*correlation);
  RerunFacts facts;
  facts.seed_deviation = SeedDeviation(all);
  if (const Job* const source = state.FindJob(job.record.origin().job())) {
    facts.is_same_data = source->record.dataset_digest() == job.record.dataset_digest();
  }
  for (std::string& finding : RerunFindings(answer, facts)) {
    answer.add_findings(std::move(finding));
  }
  return answer;
}

}  // namespace caviar::engine
