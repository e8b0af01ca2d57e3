#include "client/cli/run_job.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/exit_code.h"
#include "client/cli/import_data.h"
#include "client/cli/interrupt.h"
#include "client/cli/job_page.h"
#include "client/cli/job_sentence.h"
#include "client/cli/local_cluster.h"
#include "client/cli/output_path.h"
#include "client/cli/progress_display.h"
#include "client/cli/results.h"
#include "client/cli/search_client.h"
#include "client/cli/service_directory.h"
#include "common/file/durable_file.h"
#include "common/status/status_macros.h"
#include "common/text/printable.h"

namespace caviar::cli {
namespace {

constexpr char kRunsDirectory[] = "caviar-runs";
constexpr char kModelFile[] = "best-model.safetensors";
// More runs of one name than anyone keeps.
constexpr int kRunsOfOneNameMax = 100'000;

// The job's name, else the data set's, else the data file's up to its first dot.
std::string NameOfRun(const v1::JobSpec& spec) {
  std::string name = spec.name();
  if (name.empty()) name = spec.dataset();
  if (name.empty()) name = std::filesystem::path(spec.data().path()).filename().string();
  if (spec.name().empty()) name = name.substr(0, name.find('.'));
  std::replace_if(
      name.begin(), name.end(),
      [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '-' && c != '_'; },
      '_');
  return name.empty() || name[0] == '.' ? absl::StrCat("run", name) : name;
}

// caviar-runs/letters, caviar-runs/letters-2 …: the first that is not there yet.
absl::StatusOr<std::string> NewRunDirectory(const std::string& name) {
  CAVIAR_RETURN_IF_ERROR(CreateDirectories(kRunsDirectory));
  for (int number = 1; number < kRunsOfOneNameMax; ++number) {
    const std::string directory =
        absl::StrCat(kRunsDirectory, "/", name, number == 1 ? "" : absl::StrCat("-", number));
    if (mkdir(directory.c_str(), 0700) == 0) return directory;
    if (errno != EEXIST) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot create ", directory));
    }
  }
  return absl::ResourceExhaustedError(absl::StrCat(kRunsDirectory, " is full of ", name));
}

absl::Status CheckSpec(const v1::JobSpec& spec) {
  if (spec.has_data()) return CheckData(spec.data());
  if (!spec.dataset().empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "no data: give --data FILE --target COL, or a job file with data or dataset");
}

// One run, from the start of its processes to their end.
class LocalRun {
 public:
  LocalRun(const RunRequest& request, Console& console)
      : request_(request),
        console_(console),
        // JSON stands alone on stdout.
        notes_(request.format == OutputFormat::kTable ? console.out : console.err),
        has_job_(request.resume) {}

  absl::StatusOr<int> Execute() {
    if (!request_.resume) CAVIAR_RETURN_IF_ERROR(CheckSpec(request_.spec));
    // Now, and not after a search of hours.
    if (!request_.model_path.empty()) {
      CAVIAR_RETURN_IF_ERROR(CheckOutputPath("--model", request_.model_path));
    }
    CAVIAR_RETURN_IF_ERROR(ChooseDirectory());
    const absl::Status started = StartCluster();
    if (!started.ok()) {
      // A log that the reason points to stays.
      if (!absl::StrContains(started.message(), directory_ + "/logs")) RemoveWithoutJob();
      return started;
    }
    const Interrupt interrupt([this] { client_->Cancel(); }, [this] { cluster_->Kill(); });
    absl::StatusOr<int> result = Search();
    client_->Close();
    if (interrupt.signal() != 0) {
      console_.err << "\nstopping: workers save what they train (Ctrl-C again ends at once)\n"
                   << std::flush;
      cluster_->Stop();
      console_.err << (has_job_ ? absl::StrCat("stopped; go on with: caviar run --resume --dir ",
                                               directory_, "\n")
                                : "stopped before the job was submitted\n");
      RemoveWithoutJob();
      return 128 + interrupt.signal();
    }
    // Why calls failed, where the coordinator or all workers are gone.
    const absl::Status health = cluster_->Health();
    cluster_->Stop();
    if (!result.ok() && !health.ok()) {
      if (!has_job_) return health;
      return absl::Status(
          health.code(),
          absl::StrCat(health.message(), "; go on with: caviar run --resume --dir ", directory_));
    }
    RemoveWithoutJob();
    return result;
  }

 private:
  absl::Status ChooseDirectory() {
    directory_ = request_.directory;
    if (request_.resume && !std::filesystem::exists(absl::StrCat(directory_, "/logs"))) {
      return absl::NotFoundError(absl::StrCat("there is no run to resume in ", directory_));
    }
    if (!directory_.empty()) {
      CAVIAR_ASSIGN_OR_RETURN(directory_is_new_, MakeServiceDirectory(directory_));
      return absl::OkStatus();
    }
    CAVIAR_ASSIGN_OR_RETURN(directory_, NewRunDirectory(NameOfRun(request_.spec)));
    directory_is_new_ = true;
    return absl::OkStatus();
  }

  // A directory that this run has made and that no job came into would only be in the way.
  void RemoveWithoutJob() {
    if (!has_job_ && directory_is_new_) RemoveServiceDirectory(directory_);
  }

  absl::Status StartCluster() {
    LocalCluster::Options options;
    options.directory = directory_;
    options.workers = request_.workers;
    options.programs = request_.programs;
    options.on_lost = [this] {
      if (SearchClient* client = lost_client_) client->Cancel();
    };
    CAVIAR_ASSIGN_OR_RETURN(cluster_, LocalCluster::Start(options));
    SearchClient::Options client_options;
    client_options.address = cluster_->address();
    client_ = std::make_unique<SearchClient>(client_options);
    lost_client_ = client_.get();
    return absl::OkStatus();
  }

  absl::StatusOr<int> Search() {
    CAVIAR_ASSIGN_OR_RETURN(const v1::Job job, request_.resume ? FindJob() : Submit());
    has_job_ = true;
    notes_ << Printable(absl::StrCat(JobLabel(job), ": ", BudgetText(job.spec().budget()), ", ",
                                     Counted(request_.workers, "worker"), ", in ", directory_))
           << "\n"
           << std::flush;
    const std::string id = absl::StrCat(job.id());
    CAVIAR_ASSIGN_OR_RETURN(const v1::Job ended, Follow(id));
    cluster_->DismissWorkers();

    v1::GetLeaderboardRequest all;
    all.set_job(id);
    CAVIAR_ASSIGN_OR_RETURN(const v1::Leaderboard leaderboard, client_->GetLeaderboard(all, 0));
    if (request_.format == OutputFormat::kTable) console_.out << "\n";
    PrintLeaderboard(console_, request_.format, leaderboard, false);
    if (ended.has_best_trial()) CAVIAR_RETURN_IF_ERROR(SaveBestModel(id));
    return JobExitCode(ended, console_.err);
  }

  absl::StatusOr<v1::Job> Submit() {
    CAVIAR_ASSIGN_OR_RETURN(const v1::ListJobsResponse jobs, client_->ListJobs());
    for (const v1::Job& job : jobs.jobs()) {
      if (HasEnded(job.state())) continue;
      return absl::FailedPreconditionError(
          absl::StrCat(directory_, " holds job ", job.id(), " (", job.name(),
                       "), which has not ended; go on with it by caviar run --resume --dir ",
                       directory_, ", or give another --dir"));
    }
    v1::JobSpec spec = request_.spec;
    CAVIAR_RETURN_IF_ERROR(ImportDataOfJob(*client_, spec, notes_));
    has_job_ = true;  // when the call is cut short it may still have become one
    const absl::StatusOr<v1::Job> submitted = client_->SubmitJob(spec);
    if (!submitted.ok() && !absl::IsCancelled(submitted.status())) has_job_ = false;
    CAVIAR_RETURN_IF_ERROR(submitted.status());
    const v1::Job& job = *submitted;
    if (!job.sampler_choice().empty()) {
      notes_ << "sampler: " << Printable(job.sampler_choice()) << "\n";
    }
    for (const std::string& warning : job.warnings()) {
      notes_ << "warning: " << Printable(warning) << "\n";
    }
    return job;
  }

  // The newest job that has not ended, else the newest.
  absl::StatusOr<v1::Job> FindJob() {
    CAVIAR_ASSIGN_OR_RETURN(const v1::ListJobsResponse jobs, client_->ListJobs());
    if (jobs.jobs().empty()) {
      return absl::NotFoundError(absl::StrCat("there is no job in ", directory_));
    }
    const auto found = std::find_if(jobs.jobs().begin(), jobs.jobs().end(),
                                    [](const v1::Job& job) { return !HasEnded(job.state()); });
    if (found == jobs.jobs().end()) return jobs.jobs(0);
    if (found->state() != v1::Job::PAUSED) return *found;
    return client_->ResumeJob(absl::StrCat(found->id()));
  }

  absl::StatusOr<v1::Job> Follow(const std::string& job) {
    const bool is_table = request_.format == OutputFormat::kTable;
    ProgressDisplay display(notes_, is_table ? console_.width : console_.err_width);
    // LocalCluster looks after coordinator and workers.
    return FollowJob(*client_, job, display, nullptr);
  }

  absl::Status SaveBestModel(const std::string& job) {
    const std::string path = request_.model_path.empty() ? absl::StrCat(directory_, "/", kModelFile)
                                                         : request_.model_path;
    CAVIAR_ASSIGN_OR_RETURN(const SavedModel saved, client_->SaveModel(job, 0, path));
    notes_ << Printable(absl::StrCat("best model (trial ", saved.trial, ") saved as ", path))
           << "\n"
           << std::flush;
    return absl::OkStatus();
  }

  const RunRequest& request_;
  Console& console_;
  std::ostream& notes_;
  std::string directory_;
  bool directory_is_new_ = false;
  bool has_job_;
  // For the cluster's thread, which may find the coordinator gone before there is a client.
  std::atomic<SearchClient*> lost_client_ = nullptr;
  std::unique_ptr<SearchClient> client_;
  std::unique_ptr<LocalCluster> cluster_;  // stops before the client goes
};

}  // namespace

absl::StatusOr<int> RunJob(const RunRequest& request, Console& console) {
  return LocalRun(request, console).Execute();
}

}  // namespace caviar::cli
