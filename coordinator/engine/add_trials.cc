#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "coordinator/engine/budget.h"
#include "coordinator/engine/job_clock.h"
#include "coordinator/engine/limits.h"
#include "coordinator/engine/new_job.h"
#include "coordinator/engine/on_user_asked.h"
#include "coordinator/engine/step_changes.h"
#include "coordinator/engine/trial_life.h"
#include "coordinator/search/check_space.h"
#include "coordinator/search/problems.h"

namespace caviar::engine {
namespace {

// Of the points alone: a retry may name the job by its name where the first one had its id.
std::string DigestOfPoints(const v1::AddTrialsRequest& request) {
  v1::AddTrialsRequest points;
  *points.mutable_points() = request.points();
  return RequestDigest(points);
}

absl::Status MayAdd(const Job& job) {
  if (job.record.has_origin()) {
    return absl::FailedPreconditionError(
        absl::StrCat("job ", job.id(), " trains the points of job ", job.record.origin().job(),
                     " again and takes no others; submit a new job"));
  }
  if (job.record.is_ending()) {
    return absl::FailedPreconditionError(absl::StrCat("job ", job.id(), " takes no more trials (",
                                                      job.record.reason(), "); submit a new job"));
  }
  if (job.has_ended()) {
    return absl::FailedPreconditionError(
        absl::StrCat("job ", job.id(), " (", job.spec().name(), ") has ended (",
                     v1::Job::State_Name(job.record.state()), "); make room first: caviar extend ",
                     job.id(), " --trials +N"));
  }
  return absl::OkStatus();
}

// Each as the trial that it will be.
absl::StatusOr<std::vector<search::Point>> CompletedPoints(const Job& job,
                                                           const v1::AddTrialsRequest& request) {
  search::Problems problems;
  for (int i = 0; i < request.points_size(); ++i) {
    search::CheckAddedPoint(job.spec(), absl::StrCat("points[", i, "]"), request.points(i),
                            problems);
  }
  if (!problems.empty()) return problems.ToStatus();
  std::vector<search::Point> points;
  for (int i = 0; i < request.points_size(); ++i) {
    absl::StatusOr<search::Point> point =
        job.sampler->Completed(job.next_number() + static_cast<uint32_t>(i), request.points(i));
    if (!point.ok()) {
      const search::Constraint* const broken = job.sampler->space().FirstBroken(request.points(i));
      return absl::InvalidArgumentError(absl::StrCat(
          "points[", i, "]: ",
          broken == nullptr ? "cannot be completed to a point that meets the constraints"
                            : absl::StrCat("breaks the constraint \"", broken->text(), "\"")));
    }
    points.push_back(*std::move(point));
  }
  return points;
}

}  // namespace

absl::StatusOr<v1::Addition> AddTrials(EngineState& state, Job& job,
                                       const v1::AddTrialsRequest& request) {
  const std::string& id = request.request_id();
  if (id.size() > kRequestIdBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("request_id: at most ", kRequestIdBytesMax, " characters"));
  }
  const std::string digest = DigestOfPoints(request);
  for (const v1::Addition& known : job.record.additions()) {
    if (id.empty() || known.request_id() != id) continue;
    if (known.request_digest() == digest) return known;
    return absl::AlreadyExistsError(
        absl::StrCat("request_id \"", id, "\" added other points to job ", job.id()));
  }
  if (request.points_size() < 1 || request.points_size() > kAddedPointsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("points: must be 1 to ", kAddedPointsMax, ", got ", request.points_size()));
  }
  CAVIAR_RETURN_IF_ERROR(MayAdd(job));
  CAVIAR_ASSIGN_OR_RETURN(std::vector<search::Point> points, CompletedPoints(job, request));
  CAVIAR_ASSIGN_OR_RETURN(const std::vector<uint32_t> grants,
                          GrantsForAdded(job, request.points_size()));

  v1::Addition added;
  added.set_request_id(id);
  added.set_request_digest(digest);
  added.set_first(job.next_number());
  added.set_count(static_cast<uint32_t>(points.size()));
  for (size_t i = 0; i < points.size(); ++i) {
    CreateAddedTrial(state, job, std::move(points[i]), grants[i]);
  }
  if (id.empty()) return added;
  auto& additions = *job.record.mutable_additions();
  if (additions.size() >= kAddRequestsKept) additions.DeleteSubrange(0, 1);
  *additions.Add() = added;
  TouchJobRecord(state, job);
  return added;
}

}  // namespace caviar::engine
