#include "coordinator/engine/rerun_findings.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace caviar::engine {
namespace {

// Two significant digits of the largest, and as many decimals for all of them.
int DecimalsOf(std::initializer_list<double> numbers) {
  double largest = 0;
  for (const double number : numbers) largest = std::max(largest, std::abs(number));
  if (largest == 0 || !std::isfinite(largest)) return 1;
  return std::clamp(1 - static_cast<int>(std::floor(std::log10(largest))), 0, 12);
}

std::string ValueText(double value) { return absl::StrFormat("%.4g", value); }

std::string PText(double p) {
  return p < 0.001 ? std::string("p < 0.001") : absl::StrFormat("p = %.2g", p);
}

// The entry of a trial of the other job.
const v1::RerunEntry* Find(const v1::Rerun& rerun, uint32_t trial) {
  for (const v1::RerunEntry& entry : rerun.entries()) {
    if (entry.source().trial() == trial) return &entry;
  }
  return nullptr;
}

std::string JobText(const v1::Origin& origin) {
  return absl::StrCat("job ", origin.job(), " (", origin.job_name(), ")");
}

// Nothing once all trials have ended.
std::string StillRunning(const v1::Rerun& rerun) {
  const v1::TrialCounts& counts = rerun.job().trials();
  const uint32_t ended = counts.completed() + counts.pruned() + counts.infeasible() +
                         counts.failed() + counts.cancelled();
  const auto all = static_cast<uint32_t>(rerun.job().spec().budget().trials());
  const bool has_ended =
      rerun.job().state() != v1::Job::RUNNING && rerun.job().state() != v1::Job::PAUSED;
  if (has_ended || ended >= all) return "";
  return absl::StrCat(ended, " of ", all, " trials have ended: what follows may change yet");
}

std::string Missing(const v1::Rerun& rerun) {
  const v1::TrialCounts& counts = rerun.job().trials();
  const uint32_t missing =
      counts.pruned() + counts.infeasible() + counts.failed() + counts.cancelled();
  if (missing == 0) return "";
  return absl::StrCat(missing, missing == 1 ? " trial" : " trials", " did not complete and ",
                      missing == 1 ? "is" : "are", " left out");
}

std::string FirstTwo(const v1::Rerun& rerun) {
  if (!rerun.has_difference()) {
    if (rerun.entries_size() < 2 || rerun.job().origin().seeds() < 2) return "";
    return "the first two have no two seeds in common yet, which it takes to compare them";
  }
  const v1::Rerun::Difference& difference = rerun.difference();
  const v1::Estimate& value = difference.value();
  // One more where the difference is much smaller than its interval.
  const int coarse = DecimalsOf({value.mean(), value.low(), value.high()});
  const int decimals = std::clamp(DecimalsOf({value.mean()}), coarse, coarse + 1);
  const std::string numbers =
      absl::StrFormat("%+.*f, 95 %% interval [%.*f, %.*f], %s", decimals, value.mean(), decimals,
                      value.low(), decimals, value.high(), PText(difference.p_value()));
  if (difference.is_significant()) {
    return absl::StrCat("#1 (trial ", difference.first(), ") is better than #2 (trial ",
                        difference.second(), "): ", numbers);
  }
  return absl::StrCat("#1 (trial ", difference.first(), ") and #2 (trial ", difference.second(),
                      ") cannot be told apart: ", numbers);
}

// How the point fares that was the best of these.
std::string OldBest(const v1::Rerun& rerun) {
  const v1::Origin& origin = rerun.job().origin();
  const v1::RerunEntry* const best = Find(rerun, origin.sources(0).trial());
  if (best == nullptr || best->rank() == 0 || rerun.entries_size() < 2) return "";
  const std::string who = absl::StrCat("trial ", best->source().trial(), ", #",
                                       best->source().rank(), " of ", JobText(origin));
  if (best->rank() == 1) return absl::StrCat(who, ", is the best again");
  const v1::RerunEntry& first = rerun.entries(0);
  return absl::StrCat(who, ", is now #", best->rank(), "; the best is trial ",
                      first.source().trial(), ", which was #", first.source().rank());
}

std::string Chance(const v1::Rerun& rerun, const RerunFacts& facts) {
  if (!facts.seed_deviation.has_value()) return "";
  return absl::StrFormat("another seed alone moves %s by %.2g (standard deviation)",
                         rerun.job().spec().objective().metric(), *facts.seed_deviation);
}

// A mean over all points that have it then and now.
struct Move {
  int count = 0;
  double before = 0, now = 0;

  void Add(double then, double value) {
    ++count;
    before += then;
    now += value;
  }
  std::string Text(absl::string_view metric) const {
    if (count == 0) return "";
    const double from = before / count, to = now / count;
    return absl::StrFormat("mean %s of %d %s went from %s to %s (%+.*f)", metric, count,
                           count == 1 ? "point" : "points", ValueText(from), ValueText(to),
                           DecimalsOf({to - from}), to - from);
  }
};

std::vector<std::string> Moves(const v1::Rerun& rerun) {
  Move value, accuracy;
  for (const v1::RerunEntry& entry : rerun.entries()) {
    if (entry.has_value()) value.Add(entry.source().value(), entry.value().mean());
    const auto before = entry.source().test().find("test_accuracy");
    if (before != entry.source().test().end() && entry.has_test_accuracy()) {
      accuracy.Add(before->second, entry.test_accuracy().mean());
    }
  }
  return {value.Text(rerun.job().spec().objective().metric()), accuracy.Text("test_accuracy")};
}

std::string Order(const v1::Rerun& rerun) {
  if (!rerun.has_rank_correlation()) return "";
  const double tau = rerun.rank_correlation();
  return absl::StrFormat("the order %s (Kendall's tau-b %.2f)",
                         tau == 1     ? "is the same"
                         : tau >= 0.7 ? "is much the same"
                         : tau >= 0.3 ? "has changed in part"
                                      : "has little to do with what it was",
                         tau);
}

}  // namespace

std::vector<std::string> RerunFindings(const v1::Rerun& rerun, const RerunFacts& facts) {
  std::vector<std::string> findings = {StillRunning(rerun), Missing(rerun)};
  if (rerun.job().origin().kind() == v1::Origin::RETEST) {
    if (facts.is_same_data == true) {
      findings.push_back("the data are the same as before: what moved is chance");
    }
    findings.push_back(OldBest(rerun));
    for (std::string& move : Moves(rerun)) findings.push_back(std::move(move));
    findings.push_back(Order(rerun));
    findings.push_back(FirstTwo(rerun));
  } else {
    findings.push_back(FirstTwo(rerun));
    findings.push_back(OldBest(rerun));
    findings.push_back(Chance(rerun, facts));
  }
  std::erase(findings, "");
  return findings;
}

}  // namespace caviar::engine
