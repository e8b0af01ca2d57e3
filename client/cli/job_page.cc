#include "client/cli/job_page.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "client/cli/cells.h"
#include "client/cli/parameter_names.h"
#include "client/cli/progress.h"
#include "client/cli/rerun_page.h"
#include "client/job_file/duration.h"

namespace caviar::cli {
namespace {

using ::google::protobuf::ListValue;
using ::google::protobuf::Struct;
using ::google::protobuf::Value;

std::string CountsText(const v1::Job& job) {
  const v1::TrialCounts& counts = job.trials();
  std::vector<std::string> parts = {
      absl::StrCat(DoneTrials(job.trials()), " of ", job.spec().budget().trials(), " done")};
  const struct {
    const char* word;
    uint32_t count;
  } others[] = {{"pending", counts.pending()}, {"running", counts.running()},
                {"paused", counts.paused()},   {"completed", counts.completed()},
                {"pruned", counts.pruned()},   {"infeasible", counts.infeasible()},
                {"failed", counts.failed()},   {"cancelled", counts.cancelled()}};
  for (const auto& other : others) {
    if (other.count > 0) parts.push_back(absl::StrCat(other.count, " ", other.word));
  }
  return absl::StrJoin(parts, ", ");
}

std::string ValueText(const Value& value) {
  return value.kind_case() == Value::kNumberValue ? TypedNumber(value.number_value())
                                                  : ValueCell(value).text;
}

std::string ListText(const ListValue& list, absl::string_view between) {
  return absl::StrJoin(list.values(), between, [](std::string* text, const Value& value) {
    text->append(ValueText(value));
  });
}

template <typename Range>
std::string RangeText(absl::string_view scale, const Range& range) {
  return absl::StrCat(scale, " [", TypedNumber(range.min()), ", ", TypedNumber(range.max()), "]");
}

std::string ScaleText(const v1::Domain& domain) {
  switch (domain.kind_case()) {
    case v1::Domain::kUniform:
      return RangeText("uniform", domain.uniform());
    case v1::Domain::kLog:
      return RangeText("log", domain.log());
    case v1::Domain::kLogComplement:
      return RangeText("log_complement", domain.log_complement());
    case v1::Domain::kReverseLog:
      return RangeText("reverse_log", domain.reverse_log());
    case v1::Domain::kInt:
      return RangeText("int", domain.int_());
    case v1::Domain::kIntLog:
      return RangeText("int_log", domain.int_log());
    case v1::Domain::kValues:
      return absl::StrCat("values [", ListText(domain.values(), ", "), "]");
    case v1::Domain::kChoice:
      return absl::StrCat("choice [", ListText(domain.choice(), ", "), "]");
    case v1::Domain::KIND_NOT_SET:
      break;
  }
  return "";
}

std::string RetestText(const v1::RetestPolicy& retest) {
  const absl::Duration every =
      absl::Seconds(retest.every().seconds()) + absl::Nanoseconds(retest.every().nanos());
  return absl::StrCat("the best ", retest.top(), " every ", job_file::WriteDuration(every));
}

std::string RungText(const v1::RungProgress& rung) {
  std::string text =
      absl::StrCat(Counted(rung.epochs(), "epoch"), ": ", Counted(rung.trials(), "trial"));
  if (rung.promoted() > 0) absl::StrAppend(&text, ", ", rung.promoted(), " went on");
  if (rung.bracket() > 0) return absl::StrCat("bracket ", rung.bracket(), ", ", text);
  return text;
}

void AddState(const v1::Job& job, Table& table) {
  AddDetail(table, "job", CountCell(job.id()));
  AddDetail(table, "name", TextCell(job.name()));
  AddDetail(table, "state", TextCell(StateWord(job.state())));
  AddDetail(table, "reason", TextCell(job.reason()));
  if (job.has_origin()) AddDetail(table, "origin", TextCell(OriginText(job.origin())));
  AddDetail(table, "trials", TextCell(CountsText(job)));
  if (job.has_best_value()) {
    const auto best = [&job](const std::string& value) {
      return absl::StrCat(value, " (trial ", job.best_trial(), ")");
    };
    AddDetail(table, "best",
              {best(ShortNumber(job.best_value())), best(ExactNumber(job.best_value())), false});
  }
  AddDetail(table, "epochs",
            TextCell(absl::StrCat(job.epochs_done(), " done",
                                  job.epochs_repeated() == 0
                                      ? ""
                                      : absl::StrCat(", ", job.epochs_repeated(),
                                                     " of them again after a worker was lost"))));
  for (const v1::RungProgress& rung : job.rungs()) {
    if (rung.trials() > 0) AddDetail(table, "rung", TextCell(RungText(rung)));
  }
  AddDetail(table, "created", TimeCell(job.has_created_at(), job.created_at()));
  AddDetail(table, "started", TimeCell(job.has_started_at(), job.started_at()));
  AddDetail(table, "ended", TimeCell(job.has_ended_at(), job.ended_at()));
}

std::string TpeText(const v1::TpeSampler& tpe) {
  std::vector<std::string> settings;
  if (tpe.has_startup_trials()) {
    settings.push_back(Counted(tpe.startup_trials(), "startup trial"));
  }
  if (tpe.candidates() > 0) settings.push_back(Counted(tpe.candidates(), "candidate"));
  if (tpe.good_share() > 0) {
    settings.push_back(absl::StrCat("good share ", TypedNumber(tpe.good_share())));
  }
  if (tpe.good_max() > 0) settings.push_back(absl::StrCat("at most ", tpe.good_max()));
  if (tpe.prior_weight() > 0) {
    settings.push_back(absl::StrCat("prior weight ", TypedNumber(tpe.prior_weight())));
  }
  return absl::StrCat("tpe", settings.empty() ? "" : ": ", absl::StrJoin(settings, ", "));
}

std::string WarmStartText(const v1::WarmStartSource& source) {
  std::string text =
      absl::StrCat("job ", source.job(), ": ", Counted(static_cast<int>(source.taken()), "trial"));
  if (source.dropped() == 0) return text;
  return absl::StrCat(text, ", ", source.dropped(), " of no use here");
}

void AddSpec(const v1::Job& job, Table& table) {
  const v1::JobSpec& spec = job.spec();
  AddDetail(table, "dataset", TextCell(spec.dataset()));
  AddDetail(table, "objective",
            TextCell(absl::StrCat(
                absl::AsciiStrToLower(v1::Objective::Direction_Name(spec.objective().direction())),
                " ", spec.objective().metric())));
  AddDetail(table, "budget", TextCell(BudgetText(spec.budget())));
  AddDetail(table, "sampler", TextCell(SamplerText(spec.sampler())));
  AddDetail(table, "sampler_choice", TextCell(job.sampler_choice()));
  const std::string scheduler = SchedulerText(spec.scheduler());
  if (!scheduler.empty()) AddDetail(table, "scheduler", TextCell(scheduler));
  ParameterNames searched, fixed;
  for (const auto& [name, domain] : spec.space()) searched.Add(name);
  fixed.Add(spec.fixed());
  for (const std::string& name : searched.Ordered()) {
    AddDetail(table, absl::StrCat("space.", name), TextCell(DomainText(spec.space().at(name))));
  }
  for (const std::string& name : fixed.Ordered()) {
    AddDetail(table, absl::StrCat("fixed.", name),
              TextCell(ValueText(spec.fixed().fields().at(name))));
  }
  for (const std::string& constraint : spec.constraints()) {
    AddDetail(table, "constraint", TextCell(constraint));
  }
  for (const Struct& point : spec.enqueue())
    AddDetail(table, "enqueue", TextCell(PointText(point)));
  for (const v1::WarmStartSource& source : job.warm_start_sources()) {
    AddDetail(table, "warm_start", TextCell(WarmStartText(source)));
  }
  AddDetail(table, "seed", CountCell(spec.seed()));
  if (spec.has_retest()) AddDetail(table, "retest", TextCell(RetestText(spec.retest())));
  if (spec.max_parallel_trials() > 0) {
    AddDetail(table, "max_parallel_trials", CountCell(spec.max_parallel_trials()));
  }
  AddDetail(table, "weight", TextCell(TypedNumber(spec.has_weight() ? spec.weight() : 1)));
}

}  // namespace

Table JobPage(const v1::Job& job) {
  Table table = DetailsTable();
  AddState(job, table);
  AddSpec(job, table);
  for (const std::string& warning : job.warnings()) AddDetail(table, "warning", TextCell(warning));
  return table;
}

std::string BudgetText(const v1::Budget& budget) {
  std::string text =
      absl::StrCat(Counted(budget.trials(), "trial"), " of ", Counted(budget.epochs(), "epoch"));
  if (budget.total_epochs() > 0) {
    absl::StrAppend(&text, ", at most ", Counted(budget.total_epochs(), "epoch"), " in all");
  }
  if (budget.has_wall_time()) {
    const absl::Duration time =
        absl::Seconds(budget.wall_time().seconds()) + absl::Nanoseconds(budget.wall_time().nanos());
    absl::StrAppend(&text, ", at most ", job_file::WriteDuration(time));
  }
  if (budget.has_target()) {
    absl::StrAppend(&text, ", until one comes to ", TypedNumber(budget.target()));
  }
  if (budget.has_terminator()) {
    absl::StrAppend(&text, ", until more are not worth while (after ",
                    Counted(budget.terminator().min_trials(), "trial"), ")");
  }
  return text;
}

std::string SamplerText(const v1::Sampler& sampler) {
  std::vector<std::string> settings;
  const v1::ZoomSampler& zoom = sampler.zoom();
  const v1::GpSampler& gp = sampler.gp();
  const v1::CmaesSampler& cmaes = sampler.cmaes();
  switch (sampler.kind_case()) {
    case v1::Sampler::kRandom:
      return "random";
    case v1::Sampler::kSobol:
      return "sobol";
    case v1::Sampler::kGrid:
      if (sampler.grid().points() == 0) return "grid";
      return absl::StrCat("grid: ", Counted(sampler.grid().points(), "point"), " a range");
    case v1::Sampler::kZoom:
      if (zoom.rounds() > 0) settings.push_back(Counted(zoom.rounds(), "round"));
      if (zoom.keep() > 0) settings.push_back(absl::StrCat("keep ", TypedNumber(zoom.keep())));
      if (zoom.has_explore()) {
        settings.push_back(absl::StrCat("explore ", TypedNumber(zoom.explore())));
      }
      return absl::StrCat("zoom", settings.empty() ? "" : ": ", absl::StrJoin(settings, ", "));
    case v1::Sampler::kTpe:
      return TpeText(sampler.tpe());
    case v1::Sampler::kAuto:
      return "auto";
    case v1::Sampler::kGp:
      if (gp.startup_trials() > 0) {
        settings.push_back(Counted(gp.startup_trials(), "startup trial"));
      }
      if (gp.acquisition() == v1::GpSampler::LOG_EI) settings.push_back("log_ei");
      if (gp.acquisition() == v1::GpSampler::UCB_PE) settings.push_back("ucb_pe");
      return absl::StrCat("gp", settings.empty() ? "" : ": ", absl::StrJoin(settings, ", "));
    case v1::Sampler::kCmaes:
      if (cmaes.population() > 0) {
        settings.push_back(absl::StrCat(Counted(cmaes.population(), "trial"), " a generation"));
      }
      if (cmaes.sigma() > 0) settings.push_back(absl::StrCat("sigma ", TypedNumber(cmaes.sigma())));
      return absl::StrCat("cmaes", settings.empty() ? "" : ": ", absl::StrJoin(settings, ", "));
    case v1::Sampler::kExternal:
      return "external: points come by `caviar add`";
    case v1::Sampler::KIND_NOT_SET:
      break;
  }
  return "";
}

std::string SchedulerText(const v1::TrialScheduler& scheduler) {
  std::vector<std::string> settings;
  const auto add = [&settings](int32_t number, const std::string& text) {
    if (number > 0) settings.push_back(text);
  };
  const auto with = [&settings](const char* kind) {
    return absl::StrCat(kind, settings.empty() ? "" : ": ", absl::StrJoin(settings, ", "));
  };
  const v1::MedianScheduler& median = scheduler.median();
  const v1::AshaScheduler& asha = scheduler.asha();
  const v1::HyperbandScheduler& hyperband = scheduler.hyperband();
  const v1::BohbScheduler& bohb = scheduler.bohb();
  const v1::PbtScheduler& pbt = scheduler.pbt();
  switch (scheduler.kind_case()) {
    case v1::TrialScheduler::kFull:
      return "full";
    case v1::TrialScheduler::kMedian:
      add(median.startup_trials(),
          absl::StrCat("after ", Counted(median.startup_trials(), "completed trial")));
      add(median.warmup_epochs(),
          absl::StrCat("from ", Counted(median.warmup_epochs(), "epoch"), " on"));
      add(median.interval_epochs(),
          absl::StrCat("every ", Counted(median.interval_epochs(), "epoch")));
      return with("median");
    case v1::TrialScheduler::kAsha:
      add(asha.reduction_factor(), absl::StrCat("1 in ", asha.reduction_factor(), " goes on"));
      add(asha.min_epochs(), absl::StrCat("from ", Counted(asha.min_epochs(), "epoch"), " on"));
      if (asha.stopping()) settings.push_back("the others stop at once");
      return with("asha");
    case v1::TrialScheduler::kHyperband:
      add(hyperband.reduction_factor(),
          absl::StrCat("1 in ", hyperband.reduction_factor(), " goes on"));
      add(hyperband.min_epochs(),
          absl::StrCat("from ", Counted(hyperband.min_epochs(), "epoch"), " on"));
      return with("hyperband");
    case v1::TrialScheduler::kBohb:
      add(bohb.reduction_factor(), absl::StrCat("1 in ", bohb.reduction_factor(), " goes on"));
      add(bohb.min_epochs(), absl::StrCat("from ", Counted(bohb.min_epochs(), "epoch"), " on"));
      return with("bohb");
    case v1::TrialScheduler::kPbt:
      add(pbt.population(), absl::StrCat("populations of ", pbt.population()));
      add(pbt.interval_epochs(),
          absl::StrCat("compared every ", Counted(pbt.interval_epochs(), "epoch")));
      return with("pbt");
    case v1::TrialScheduler::KIND_NOT_SET:
      break;
  }
  return "";
}

std::string DomainText(const v1::Domain& domain) {
  std::vector<std::string> conditions;
  for (const auto& [parent, values] : domain.when()) {
    conditions.push_back(absl::StrCat(parent, " is ", ListText(values, " or ")));
  }
  std::sort(conditions.begin(), conditions.end());  // a map has no order
  return absl::StrCat(ScaleText(domain), conditions.empty() ? "" : ", when ",
                      absl::StrJoin(conditions, " and "));
}

std::string PointText(const Struct& point) {
  ParameterNames names;
  names.Add(point);
  std::vector<std::string> parts;
  for (const std::string& name : names.Ordered()) {
    parts.push_back(absl::StrCat(name, ": ", ValueText(point.fields().at(name))));
  }
  return absl::StrCat("{", absl::StrJoin(parts, ", "), "}");
}

}  // namespace caviar::cli
