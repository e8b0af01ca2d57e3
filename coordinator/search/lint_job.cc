#include "coordinator/search/lint_job.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/hyperparameters/hyperparameters.h"
#include "common/status/check.h"
#include "coordinator/search/allowed_point.h"
#include "coordinator/search/grid.h"
#include "coordinator/search/job_values.h"
#include "coordinator/search/space.h"

namespace caviar::search {
namespace {

using google::protobuf::Value;

// A hyperparameter that only some values of another one read.
struct ReadBy {
  absl::string_view name;
  absl::string_view other;
  std::vector<absl::string_view> words;
};

const std::vector<ReadBy>& Readers() {
  static const auto* const kReaders = new std::vector<ReadBy>{
      {"momentum", "optimizer", {"momentum", "nesterov"}},
      {"beta1", "optimizer", {"adam", "adamw"}},
      {"beta2", "optimizer", {"rmsprop", "adam", "adamw"}},
      {"epsilon", "optimizer", {"rmsprop", "adam", "adamw"}},
      {"leaky_slope", "activation", {"leaky_relu"}},
      {"batch_norm_momentum", "batch_norm", {"true"}},
      {"batch_norm_momentum", "batch_norm_inference", {"moving_average"}},
      {"batch_norm_epsilon", "batch_norm", {"true"}},
      {"batch_norm_inference", "batch_norm", {"true"}},
      {"batch_norm_output", "batch_norm", {"true"}},
      {"decay_rate", "learning_rate_schedule", {"inverse_time", "exponential"}},
      {"step_epochs", "learning_rate_schedule", {"step"}},
      {"step_factor", "learning_rate_schedule", {"step"}},
      {"warmup_epochs",
       "learning_rate_schedule",
       {"constant", "inverse_time", "exponential", "step", "cosine"}},
  };
  return *kReaders;
}

class Linter {
 public:
  Linter(const v1::JobSpec& spec, const v1::Dataset& dataset) : spec_(spec), dataset_(dataset) {
    for (const auto& [name, domain] : spec.space()) sorted_space_.emplace(name, &domain);
    for (const auto& [name, value] : spec.fixed().fields()) named_.push_back(name);
    for (const auto& [name, domain] : spec.space()) named_.push_back(name);
    std::sort(named_.begin(), named_.end());
  }

  std::vector<std::string> Run() {
    LintObjective();
    LintBudget();
    LintGrid();
    for (const auto& [name, domain] : sorted_space_) {
      LintScale(name, *domain);
      LintSingleValue(name, *domain);
      LintNumericChoice(name, *domain);
    }
    LintBatchSize();
    LintUnread();
    LintLayers();
    LintConstraints();
    LintEnqueue();
    return std::move(warnings_);
  }

 private:
  void Warn(absl::string_view path, absl::string_view what) {
    warnings_.push_back(absl::StrCat(path, ": ", what));
  }

  void LintObjective() {
    const bool is_loss = absl::EndsWith(spec_.objective().metric(), "_loss");
    if (is_loss != (spec_.objective().direction() == v1::Objective::MINIMIZE)) {
      Warn("objective.direction",
           absl::StrCat(is_loss ? "maximizes" : "minimizes", " ", spec_.objective().metric(),
                        ": the leaderboard will be led by the worst models"));
    }
    if (absl::StartsWith(spec_.objective().metric(), "train_")) {
      Warn("objective.metric", "chooses by the training part, which favours models that overfit");
    }
  }

  void LintBudget() {
    const int total = spec_.budget().total_epochs();
    if (total > 0 && total < spec_.budget().epochs()) {
      Warn("budget.total_epochs", "is less than one trial may train (budget.epochs)");
    }
    if (spec_.enqueue_size() > spec_.budget().trials()) {
      Warn("enqueue", absl::StrCat("only the first ", spec_.budget().trials(), " of ",
                                   spec_.enqueue_size(), " points fit budget.trials"));
    }
  }

  void LintGrid() {
    if (!spec_.sampler().has_grid()) return;
    const absl::StatusOr<Space> space = Space::Create(spec_);
    CAVIAR_CHECK_OK(space.status());
    const uint64_t size = Grid(*space, spec_.sampler().grid().points()).size();
    const auto trials =
        static_cast<uint64_t>(std::max(0, spec_.budget().trials() - spec_.enqueue_size()));
    if (size > trials) {
      Warn("sampler.grid", absl::StrCat("budget.trials covers only ", trials, " of ", size,
                                        " combinations; the last parameters' values come first"));
    } else if (size < trials) {
      Warn("sampler.grid", absl::StrCat("has ", size, " combinations; the job ends after them"));
    }
  }

  void LintScale(const std::string& name, const v1::Domain& domain) {
    const NumberRange range = NumbersOf(domain);
    const bool acts_by_factors =
        name == "learning_rate" || name == "epsilon" || name == "batch_norm_epsilon";
    if (acts_by_factors && domain.has_uniform() && range.max >= 10 * range.min) {
      const double top_decade = 0.9 * range.max / (range.max - range.min);
      Warn(absl::StrCat("space.", name, ".uniform"),
           absl::StrFormat("on a linear scale %.0f %% of the draws fall in the top decade; "
                           "write log",
                           100 * std::min(1.0, top_decade)));
    }
    const bool is_average =
        name == "momentum" || name == "beta1" || name == "beta2" || name == "batch_norm_momentum";
    const bool is_linear = domain.has_uniform() || domain.has_log() || domain.has_reverse_log();
    if (is_average && is_linear && range.max > 0.95 && 1 - range.min >= 10 * (1 - range.max)) {
      const double top = std::min(1 - range.min, 10 * (1 - range.max));
      Warn(absl::StrCat("space.", name),
           absl::StrFormat("acts by its averaging window 1 / (1 - %s), of which the longer ones, "
                           "beyond %.3g, get only %.0f %% of the draws of a linear scale; write "
                           "log_complement",
                           name, 1 / top,
                           100 * top / (range.max - range.min) * (1 - (1 - range.max) / top)));
    }
  }

  void LintSingleValue(const std::string& name, const v1::Domain& domain) {
    const absl::StatusOr<Parameter> parameter = Parameter::Create(name, domain);
    CAVIAR_CHECK_OK(parameter.status());
    if (parameter->cardinality() == 1) {
      Warn(absl::StrCat("space.", name),
           absl::StrCat("is always ", ValueText(parameter->AtUnit(0.5)), "; move it to fixed"));
    }
  }

  void LintNumericChoice(const std::string& name, const v1::Domain& domain) {
    if (!domain.has_choice() || domain.choice().values_size() < 3) return;
    const bool numbers =
        std::all_of(domain.choice().values().begin(), domain.choice().values().end(),
                    [](const Value& value) { return value.has_number_value(); });
    if (numbers) {
      Warn(absl::StrCat("space.", name, ".choice"),
           "forgets that numbers have an order; write values");
    }
  }

  void LintBatchSize() {
    const uint32_t rows = dataset_.train().rows();
    const double largest = NumbersOf(spec_, "batch_size").max;
    if (rows > 0 && largest > rows) {
      Warn(PathOf(spec_, "batch_size"),
           absl::StrCat("goes up to ", largest, ", but there are ", rows,
                        " training rows: larger batches are clamped to them"));
    }
  }

  void LintUnread() {
    for (const ReadBy& reader : Readers()) {
      if (!IsNamed(reader.name)) continue;
      const bool is_read =
          std::any_of(reader.words.begin(), reader.words.end(), [&](absl::string_view word) {
            return CanBeWord(spec_, reader.other, word, reader.name);
          });
      if (is_read) continue;
      Warn(PathOf(spec_, reader.name),
           absl::StrCat("nothing reads it: ", reader.other, " is never ",
                        absl::StrJoin(reader.words, " or ")));
    }
  }

  void LintLayers() {
    const double layers = NumbersOf(spec_, "hidden_layers").max;
    for (const std::string& name : named_) {
      const std::optional<Hyperparameter> hyperparameter = FindHyperparameter(name);
      const int layer = hyperparameter.has_value() ? hyperparameter->layer : 0;
      const bool needs_hidden = name == "dropout" || name == "hidden_units" ||
                                name == "activation" || name == "leaky_slope";
      if (layer > layers) {
        Warn(PathOf(spec_, name),
             absl::StrCat("nothing reads it: there are at most ", layers, " hidden layers"));
      } else if (needs_hidden && layers == 0) {
        Warn(PathOf(spec_, name), "nothing reads it: there are no hidden layers");
      }
    }
  }

  void LintConstraints() {
    if (spec_.constraints().empty()) return;
    const absl::StatusOr<Space> space = Space::Create(spec_);
    CAVIAR_CHECK_OK(space.status());
    const AllowedShare share = MeasureAllowedShare(*space);
    if (share.allowed * 100 >= share.draws) return;
    Warn("constraints",
         share.allowed == 0
             ? absl::StrCat("allow almost nothing: none of ", share.draws,
                            " points drawn from the space; narrow its ranges to what they allow")
             : absl::StrFormat("allow %.2f %% of the space: most draws are drawn again; narrow its "
                               "ranges to what they allow",
                               100.0 * share.allowed / share.draws));
  }

  void LintEnqueue() {
    const absl::StatusOr<Space> space = Space::Create(spec_);
    CAVIAR_CHECK_OK(space.status());
    for (int i = 0; i < spec_.enqueue_size(); ++i) {
      // The point as JobSampler will complete it.
      const absl::StatusOr<Point> completed =
          DrawAllowed(*space, spec_.seed(), static_cast<uint32_t>(i) + 1, spec_.enqueue(i));
      CAVIAR_CHECK_OK(completed.status());
      const Point& point = *completed;
      for (int index = 0; index < space->size(); ++index) {
        const Parameter& parameter = space->parameter(index);
        const auto given = spec_.enqueue(i).fields().find(parameter.name());
        if (given == spec_.enqueue(i).fields().end()) continue;
        const std::string path = absl::StrCat("enqueue[", i, "].", parameter.name());
        if (!point.fields().contains(parameter.name())) {
          Warn(path, "is left out: its condition does not hold at this point");
        } else if (!parameter.Contains(given->second)) {
          Warn(path,
               absl::StrCat(ValueText(given->second), " lies outside the space; tried as given"));
        }
      }
    }
  }

  bool IsNamed(absl::string_view name) const {
    return std::binary_search(named_.begin(), named_.end(), std::string(name));
  }

  const v1::JobSpec& spec_;
  const v1::Dataset& dataset_;
  std::map<std::string, const v1::Domain*> sorted_space_;
  std::vector<std::string> named_;  // in space or fixed; sorted
  std::vector<std::string> warnings_;
};

}  // namespace

std::vector<std::string> LintJob(const v1::JobSpec& spec, const v1::Dataset& dataset) {
  return Linter(spec, dataset).Run();
}

}  // namespace caviar::search
