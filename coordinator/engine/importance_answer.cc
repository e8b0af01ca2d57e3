#include "coordinator/engine/importance_answer.h"

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "coordinator/search/importance_fanova.h"
#include "coordinator/search/importance_ped_anova.h"

namespace caviar::engine {
namespace {

using Request = v1::GetImportanceRequest;

absl::StatusOr<search::Importance> Compute(const CompletedTrials& trials, Request::Method method) {
  switch (method) {
    case Request::METHOD_UNSPECIFIED:
    case Request::PED_ANOVA:
      return search::PedAnovaImportance(trials.space(), trials.observations());
    case Request::FANOVA:
      return search::FanovaImportance(trials.space(), trials.observations(), trials.seed());
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("method: this coordinator knows PED_ANOVA (1) and FANOVA (2), not ",
                       static_cast<int>(method), "; is the client newer than it?"));
  }
}

}  // namespace

absl::StatusOr<v1::Importance> ImportanceAnswer(const CompletedTrials& trials,
                                                Request::Method method) {
  const absl::StatusOr<search::Importance> importance = Compute(trials, method);
  if (!importance.ok()) {
    return absl::Status(importance.status().code(),
                        absl::StrCat("job ", trials.job(), ": ", importance.status().message()));
  }
  v1::Importance answer;
  answer.set_job(trials.job());
  answer.set_method(method == Request::METHOD_UNSPECIFIED ? Request::PED_ANOVA : method);
  answer.set_trials(static_cast<uint32_t>(importance->trials));
  for (const search::ParameterImportance& from : importance->parameters) {
    v1::ParameterImportance& parameter = *answer.add_parameters();
    parameter.set_name(from.name);
    parameter.set_importance(from.importance);
    if (from.deviation.has_value()) parameter.set_deviation(*from.deviation);
  }
  if (importance->explained.has_value()) answer.set_explained(*importance->explained);
  return answer;
}

}  // namespace caviar::engine
