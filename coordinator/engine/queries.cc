#include "coordinator/engine/queries.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/engine_state.h"
#include "coordinator/engine/job_view.h"
#include "coordinator/engine/limits.h"
#include "coordinator/search/trial_query.h"

namespace caviar::engine {
namespace {

absl::StatusOr<const Job*> Find(const EngineState& state, absl::string_view name) {
  CAVIAR_ASSIGN_OR_RETURN(const uint32_t id, ResolveJob(state, name));
  return state.FindJob(id);
}

absl::StatusOr<const Trial*> FindTrial(const Job& job, uint32_t number) {
  if (number >= 1 && number <= job.trials.size()) return &job.trial(number);
  return absl::NotFoundError(absl::StrCat("job ", job.id(), " has no trial ", number,
                                          ", its newest is ", job.trials.size()));
}

// What a page asks for. Tokens are a place in the list, in decimal.
struct Page {
  size_t size = 0;
  uint64_t start = 0;
};

absl::StatusOr<Page> PageOf(int32_t page_size, absl::string_view token, int default_size) {
  if (page_size < 0) return absl::InvalidArgumentError("page_size: must not be negative");
  Page page;
  page.size = page_size == 0 ? default_size : std::min<int32_t>(page_size, kPageSizeMax);
  if (!token.empty() && !absl::SimpleAtoi(token, &page.start)) {
    return absl::InvalidArgumentError(
        absl::StrCat("page_token: \"", token, "\" is not one that this method gave"));
  }
  return page;
}

// The matching trials at [start, start + size] in `order`, one more than the page so that the
// caller sees whether there is another. O(trials).
std::vector<const Trial*> SortedPage(const Job& job, const search::TrialFilter& filter,
                                     const search::TrialOrder& order, const Page& page) {
  const auto before = [&](const Trial* a, const Trial* b) {
    return order.Before(a->record, b->record);
  };
  const size_t wanted =
      static_cast<size_t>(std::min<uint64_t>(page.start, job.trials.size())) + page.size + 1;
  std::vector<const Trial*> first;  // a heap, the last in order on top
  for (const Trial& trial : job.trials) {
    if (!filter.Matches(trial.record)) continue;
    if (first.size() == wanted) {
      if (!before(&trial, first.front())) continue;
      std::pop_heap(first.begin(), first.end(), before);
      first.pop_back();
    }
    first.push_back(&trial);
    std::push_heap(first.begin(), first.end(), before);
  }
  std::sort_heap(first.begin(), first.end(), before);
  first.erase(first.begin(), first.begin() + std::min<uint64_t>(page.start, first.size()));
  return first;
}

v1::LeaderboardEntry EntryOf(const Trial& ranked, uint32_t rank) {
  const v1::Trial trial = TrialView(ranked);
  v1::LeaderboardEntry entry;
  entry.set_rank(rank);
  entry.set_trial(trial.number());
  if (rank > 0) entry.set_value(trial.value());
  entry.set_state(trial.state());
  *entry.mutable_point() = trial.point();
  *entry.mutable_metrics() = trial.metrics();
  entry.set_epochs(trial.epochs());
  entry.set_seconds(trial.seconds());
  entry.set_worker(trial.worker());
  return entry;
}

// By objective: ranked trials, then the others by number. Tokens count all of them, whether they
// match or not, so that ranks need no second pass.
void FillByObjective(const Job& job, const search::TrialFilter& filter, const Page& page,
                     v1::Leaderboard& answer) {
  uint64_t place = 0;
  // False when the page is full.
  const auto visit = [&](const Trial& trial, uint32_t rank) {
    if (place++ < page.start) return true;
    if (static_cast<size_t>(answer.entries_size()) == page.size) {
      answer.set_next_page_token(absl::StrCat(place - 1));
      return false;
    }
    if (filter.Matches(trial.record)) *answer.add_entries() = EntryOf(trial, rank);
    return true;
  };
  uint32_t rank = 0;
  for (const Leaderboard::Entry& entry : job.leaderboard.entries()) {
    if (!visit(job.trial(entry.trial), ++rank)) return;
  }
  for (const Trial& trial : job.trials) {
    if (!trial.ranked_value.has_value() && !visit(trial, 0)) return;
  }
}

void FillByOrder(const Job& job, const search::TrialFilter& filter, const search::TrialOrder& order,
                 const Page& page, v1::Leaderboard& answer) {
  std::vector<uint32_t> ranks(job.trials.size() + 1, 0);
  uint32_t rank = 0;
  for (const Leaderboard::Entry& entry : job.leaderboard.entries()) ranks[entry.trial] = ++rank;
  const std::vector<const Trial*> trials = SortedPage(job, filter, order, page);
  for (size_t i = 0; i < std::min(page.size, trials.size()); ++i) {
    *answer.add_entries() = EntryOf(*trials[i], ranks[trials[i]->record.number()]);
  }
  if (trials.size() > page.size) answer.set_next_page_token(absl::StrCat(page.start + page.size));
}

void FillTestResult(const Job& job, v1::Leaderboard& answer) {
  if (job.models.empty()) return;
  const auto& metrics = job.trial(job.models.best()).record.metrics();
  const auto accuracy = metrics.find("test_accuracy");
  const auto loss = metrics.find("test_loss");
  if (accuracy == metrics.end() || loss == metrics.end()) return;
  answer.mutable_test()->set_accuracy(accuracy->second);
  answer.mutable_test()->set_loss(loss->second);
}

// Field by field: what is left out may be megabytes.
v1::Dataset DatasetSummary(const v1::Dataset& dataset) {
  v1::Dataset summary;
  summary.set_name(dataset.name());
  summary.set_digest(dataset.digest());
  *summary.mutable_settings() = dataset.settings();
  const v1::Preprocessing& all = dataset.preprocessing();
  v1::Preprocessing& some = *summary.mutable_preprocessing();
  some.set_format(all.format());
  some.set_has_header(all.has_header());
  some.set_target(all.target());
  some.set_target_index(all.target_index());
  *some.mutable_classes() = all.classes();
  some.set_features(all.features());
  summary.mutable_train()->set_rows(dataset.train().rows());
  summary.mutable_validation()->set_rows(dataset.validation().rows());
  summary.mutable_test()->set_rows(dataset.test().rows());
  if (dataset.has_created_at()) *summary.mutable_created_at() = dataset.created_at();
  return summary;
}

}  // namespace

absl::StatusOr<uint32_t> ResolveJob(const EngineState& state, absl::string_view job) {
  uint32_t id = 0;
  if (absl::SimpleAtoi(job, &id) && state.jobs.contains(id)) return id;
  const auto named = state.jobs_by_name.find(job);
  if (named != state.jobs_by_name.end()) return *named->second.rbegin();
  if (job.empty()) return absl::InvalidArgumentError("job: name a job by its id or its name");
  return absl::NotFoundError(absl::StrCat("there is no job \"", job, "\""));
}

absl::StatusOr<v1::Job> GetJob(const EngineState& state, absl::string_view job) {
  CAVIAR_ASSIGN_OR_RETURN(const Job* const found, Find(state, job));
  return JobView(*found);
}

absl::StatusOr<v1::ListJobsResponse> ListJobs(const EngineState& state,
                                              const v1::ListJobsRequest& request) {
  CAVIAR_ASSIGN_OR_RETURN(const Page page,
                          PageOf(request.page_size(), request.page_token(), kListPageSize));
  v1::ListJobsResponse response;
  // A token is the id before which to go on.
  auto job = state.jobs.end();
  if (!request.page_token().empty()) {
    job = state.jobs.lower_bound(static_cast<uint32_t>(std::min<uint64_t>(page.start, UINT32_MAX)));
  }
  while (job != state.jobs.begin() && static_cast<size_t>(response.jobs_size()) < page.size) {
    *response.add_jobs() = JobView(*(--job)->second);
  }
  if (job != state.jobs.begin() && job != state.jobs.end()) {
    response.set_next_page_token(absl::StrCat(job->first));
  }
  return response;
}

absl::StatusOr<v1::Trial> GetTrial(const EngineState& state, const v1::GetTrialRequest& request) {
  CAVIAR_ASSIGN_OR_RETURN(const Job* const job, Find(state, request.job()));
  CAVIAR_ASSIGN_OR_RETURN(const Trial* const trial, FindTrial(*job, request.trial()));
  return TrialView(*trial);
}

absl::StatusOr<v1::ListTrialsResponse> ListTrials(const EngineState& state,
                                                  const v1::ListTrialsRequest& request) {
  CAVIAR_ASSIGN_OR_RETURN(const Job* const job, Find(state, request.job()));
  CAVIAR_ASSIGN_OR_RETURN(const Page page,
                          PageOf(request.page_size(), request.page_token(), kListPageSize));
  CAVIAR_ASSIGN_OR_RETURN(const search::TrialFilter filter,
                          search::TrialFilter::Parse(request.filter(), job->spec()));
  v1::ListTrialsResponse response;
  if (request.order_by().empty()) {
    // A token is the number of trials before the page, matching or not.
    for (uint64_t i = page.start; i < job->trials.size(); ++i) {
      if (static_cast<size_t>(response.trials_size()) == page.size) {
        response.set_next_page_token(absl::StrCat(i));
        break;
      }
      const Trial& trial = job->trials[i];
      if (filter.Matches(trial.record)) *response.add_trials() = TrialView(trial);
    }
    return response;
  }
  CAVIAR_ASSIGN_OR_RETURN(const search::TrialOrder order,
                          search::TrialOrder::Parse(request.order_by(), job->spec()));
  std::vector<const Trial*> trials = SortedPage(*job, filter, order, page);
  if (trials.size() > page.size) {
    response.set_next_page_token(absl::StrCat(page.start + page.size));
    trials.pop_back();
  }
  for (const Trial* const trial : trials) *response.add_trials() = TrialView(*trial);
  return response;
}

absl::StatusOr<v1::Leaderboard> GetLeaderboard(const EngineState& state,
                                               const v1::GetLeaderboardRequest& request) {
  CAVIAR_ASSIGN_OR_RETURN(const Job* const job, Find(state, request.job()));
  CAVIAR_ASSIGN_OR_RETURN(const Page page,
                          PageOf(request.page_size(), request.page_token(), kLeaderboardPageSize));
  CAVIAR_ASSIGN_OR_RETURN(const search::TrialFilter filter,
                          search::TrialFilter::Parse(request.filter(), job->spec()));
  v1::Leaderboard answer;
  *answer.mutable_job() = JobView(*job);
  if (request.order_by().empty()) {
    FillByObjective(*job, filter, page, answer);
  } else {
    CAVIAR_ASSIGN_OR_RETURN(const search::TrialOrder order,
                            search::TrialOrder::Parse(request.order_by(), job->spec()));
    FillByOrder(*job, filter, order, page, answer);
  }
  FillTestResult(*job, answer);
  return answer;
}

v1::ListWorkersResponse ListWorkers(const EngineState& state) {
  v1::ListWorkersResponse response;
  for (const auto& [id, worker] : state.workers.workers()) {
    *response.add_workers() = WorkerView(worker);
  }
  return response;
}

absl::StatusOr<v1::ListDatasetsResponse> ListDatasets(const EngineState& state,
                                                      const v1::ListDatasetsRequest& request) {
  if (request.page_size() < 0) {
    return absl::InvalidArgumentError("page_size: must not be negative");
  }
  const int size = request.page_size() == 0 ? kListPageSize
                                            : std::min<int32_t>(request.page_size(), kPageSizeMax);
  v1::ListDatasetsResponse response;
  size_t bytes = 0;
  // The token is the last name given: right also when others come and go meanwhile.
  for (auto entry = state.datasets.upper_bound(request.page_token()); entry != state.datasets.end();
       ++entry) {
    if (response.datasets_size() == size || bytes > kDatasetPageBytesMax) {
      response.set_next_page_token(response.datasets().rbegin()->name());
      break;
    }
    *response.add_datasets() = DatasetSummary(entry->second.dataset());
    bytes += response.datasets().rbegin()->ByteSizeLong();
  }
  return response;
}

absl::StatusOr<v1::Dataset> GetDataset(const EngineState& state, absl::string_view name) {
  const auto entry = state.datasets.find(name);
  if (entry != state.datasets.end()) return entry->second.dataset();
  return absl::NotFoundError(absl::StrCat("there is no data set \"", name, "\""));
}

absl::StatusOr<ModelLocation> FindModel(const EngineState& state,
                                        const v1::GetModelRequest& request) {
  CAVIAR_ASSIGN_OR_RETURN(const Job* const job, Find(state, request.job()));
  uint32_t number = request.trial();
  if (number == 0) {
    if (job->models.empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat("job ", job->id(), " has no model yet: no trial has finished with one"));
    }
    number = job->models.best();
  }
  CAVIAR_ASSIGN_OR_RETURN(const Trial* const trial, FindTrial(*job, number));
  if (trial->record.model_digest().empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "trial ", number, " of job ", job->id(), " (", v1::Trial::State_Name(trial->record.state()),
        ") has no model: those of the best ", kModelsKept, " trials are kept, from their end on"));
  }
  return ModelLocation{number, trial->record.model_digest()};
}

absl::flat_hash_set<std::string> ReferencedArtifacts(const EngineState& state) {
  absl::flat_hash_set<std::string> digests;
  for (const auto& [digest, count] : state.artifacts.counts()) digests.insert(digest);
  return digests;
}

}  // namespace caviar::engine
