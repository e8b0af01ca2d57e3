// The coordinator as commands see it: messages in, absl::StatusOr out. The only file of the client
// that knows gRPC.
//
// Pages are fetched until there are no more. Calls that may be repeated are, a few times, while the
// coordinator cannot be reached; a submit is one of them, since its request id makes it one job.
//
// Threads: Cancel() from any thread; all else on one.
// Errors:  kUnavailable when the coordinator cannot be reached, saying where it was looked for;
//          kCancelled after Cancel(); otherwise what the coordinator answered.
#ifndef CAVIAR_CLIENT_CLI_SEARCH_CLIENT_H_
#define CAVIAR_CLIENT_CLI_SEARCH_CLIENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "caviar/v1/search_service.pb.h"

namespace caviar::cli {

// Files of this machine that become a data set.
struct DatasetUpload {
  // Empty: the coordinator takes it from the file's name.
  std::string name;
  // Paths and settings; source.target is not used (import_data.h moves it into the settings).
  v1::DataSource source;
  // An existing data set of the same name and content is fine.
  bool reuse_identical = false;
};

struct SavedModel {
  uint32_t trial = 0;
  uint64_t bytes = 0;
};

class SearchClient {
 public:
  struct Options {
    // HOST:PORT; nothing is dialled before the first call.
    std::string address;
    // How long a watch goes on trying to come back once it had begun.
    absl::Duration watch_patience = absl::Minutes(5);
  };

  // What a watch tells of its connection, each once: the coordinator went away, it answers again.
  enum class Link { kLost, kBack };

  explicit SearchClient(const Options& options);
  ~SearchClient();

  const std::string& address() const { return options_.address; }

  // Makes its own request id.
  absl::StatusOr<v1::Job> SubmitJob(const v1::JobSpec& spec);
  absl::StatusOr<v1::Job> GetJob(absl::string_view job);
  absl::StatusOr<v1::ListJobsResponse> ListJobs();
  absl::StatusOr<v1::Job> PauseJob(absl::string_view job);
  absl::StatusOr<v1::Job> ResumeJob(absl::string_view job);
  absl::StatusOr<v1::Job> ExtendJob(absl::string_view job, int trials);
  // The request's id is made here.
  absl::StatusOr<v1::AddTrialsResponse> AddTrials(v1::AddTrialsRequest request);
  absl::StatusOr<v1::Job> CancelJob(absl::string_view job);
  absl::Status DeleteJob(absl::string_view job);
  absl::StatusOr<v1::Trial> AdjustTrial(const v1::AdjustTrialRequest& request);

  // Calls `on_update` for each change until the job has ended. A broken stream is taken up again
  // after its last cursor, with back-off. An error of `on_update`, which may make other calls, ends
  // the watch and is returned.
  absl::Status WatchJob(
      const v1::WatchJobRequest& request,
      const std::function<absl::Status(const v1::JobUpdate&)>& on_update,
      const std::function<void(Link)>& on_link = [](Link) {});

  // page_size and page_token of the requests are not used.
  absl::StatusOr<v1::ListTrialsResponse> ListTrials(v1::ListTrialsRequest request);
  absl::StatusOr<v1::Curve> GetCurve(absl::string_view job, uint32_t trial);
  // At most `entries_max` entries; 0 means all. The answer's next_page_token is empty when there
  // are no more.
  absl::StatusOr<v1::Leaderboard> GetLeaderboard(v1::GetLeaderboardRequest request,
                                                 int entries_max);
  absl::StatusOr<v1::Importance> GetImportance(absl::string_view job,
                                               v1::GetImportanceRequest::Method method);
  // Waits for the answer for as long as an hour: it takes as long as all sampling took.
  absl::StatusOr<v1::Replay> ReplayJob(absl::string_view job);
  // Trains the best points of a job again; 0 and empty are the coordinator's defaults. Makes its
  // own request id.
  absl::StatusOr<v1::Job> RerunJob(v1::RerunJobRequest request);
  absl::StatusOr<v1::Rerun> GetRerun(absl::string_view job);
  // `trial` 0 is the best one. The file appears under `path` once it is complete and its SHA-256
  // is the one announced.
  absl::StatusOr<SavedModel> SaveModel(absl::string_view job, uint32_t trial,
                                       const std::string& path);

  absl::StatusOr<v1::ListWorkersResponse> ListWorkers();

  absl::StatusOr<v1::Dataset> CreateDataset(const DatasetUpload& upload);
  absl::StatusOr<v1::ListDatasetsResponse> ListDatasets();
  absl::StatusOr<v1::Dataset> GetDataset(absl::string_view name);
  absl::Status DeleteDataset(absl::string_view name);

  // Ends the call that is under way and refuses all later ones.
  void Cancel();
  // Gives the connection up, so that no coordinator that closes waits for it. The last call, but
  // for Cancel().
  void Close();

 private:
  class Calls;
  const Options options_;
  const std::unique_ptr<Calls> calls_;
};

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_SEARCH_CLIENT_H_
