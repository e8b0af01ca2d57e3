#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "coordinator/engine/job_view.h"
#include "coordinator/engine/limits.h"
#include "coordinator/engine/on_user_asked.h"
#include "coordinator/engine/step_changes.h"

namespace caviar::engine {

void OnDatasetImported(EngineState& state, const DatasetImported& imported) {
  const std::string& name = imported.dataset.name();
  const auto known = state.datasets.find(name);
  if (known != state.datasets.end()) {
    const v1::Dataset& dataset = known->second.dataset();
    const bool is_same = dataset.digest() == imported.dataset.digest();
    if (is_same && imported.reuse_identical) {
      state.step.effects.sends.push_back(Reply{imported.request, dataset});
      return;
    }
    return AnswerWithError(
        state, imported.request,
        absl::AlreadyExistsError(
            absl::StrCat("a data set \"", name, "\" exists already",
                         is_same ? " with the same content" : " with other content or settings",
                         "; delete it first or give this one another name")));
  }
  if (state.datasets.size() >= kDatasetsMax) {
    return AnswerWithError(
        state, imported.request,
        absl::ResourceExhaustedError(
            absl::StrCat("there are ", kDatasetsMax, " data sets already; delete some first")));
  }
  v1::DatasetRecord record;
  *record.mutable_dataset() = imported.dataset;
  *record.mutable_dataset()->mutable_created_at() = TimestampOf(state.now);
  state.artifacts.Add(record.dataset().digest());
  state.step.effects.writes.push_back(record);
  state.step.effects.sends.push_back(Reply{imported.request, record.dataset()});
  state.datasets[name] = std::move(record);
}

absl::Status DeleteDataset(EngineState& state, absl::string_view name) {
  const auto entry = state.datasets.find(name);
  if (entry == state.datasets.end()) {
    return absl::NotFoundError(absl::StrCat("there is no data set \"", name, "\""));
  }
  for (const auto& [id, job] : state.jobs) {
    if (job->has_ended() || job->spec().dataset() != name) continue;
    return absl::FailedPreconditionError(absl::StrCat("job ", id, " (", job->spec().name(),
                                                      ") still uses the data set \"", name,
                                                      "\"; wait for it to end or cancel it"));
  }
  state.artifacts.Remove(entry->second.dataset().digest());
  state.step.effects.writes.push_back(DeleteDatasetRecord{entry->first});
  state.datasets.erase(entry);
  return absl::OkStatus();
}

}  // namespace caviar::engine
