#include "client/cli/local_cluster.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/service_directory.h"
#include "common/file/durable_file.h"
#include "common/log/log.h"
#include "common/status/status_macros.h"

namespace caviar::cli {
namespace {

// Opening a large store and checking it takes time; a coordinator that hangs should still be seen.
constexpr double kCoordinatorStartSeconds = 60;
// A worker hands back within 20 s of SIGTERM.
constexpr double kWorkerStopSeconds = 25;
constexpr double kCoordinatorStopSeconds = 20;
constexpr absl::Duration kSupervisionInterval = absl::Milliseconds(100);
// How late Kill() is heard at most while processes are stopped.
constexpr absl::Duration kStopInterval = absl::Milliseconds(50);
constexpr double kRestartPauseMaxSeconds = 30;
// A worker that ends within this never came to work; one that ran for longer than the second has
// shown that it can.
constexpr double kFailedStartSeconds = 5;
constexpr double kHealthySeconds = 60;
// Of each worker, before the cluster gives up.
constexpr int kFailedStartsMin = 3;
constexpr char kReadyPrefix[] = "listening on ";

// By the monotonic clock.
double SecondsNow() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

uint64_t FileSize(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

// What a program said last on stderr since `offset`, without its own name in front, on one line:
// all from where it last gave its name, as a reason may go on over several.
std::string LastLine(const std::string& log_path, uint64_t offset, absl::string_view program) {
  std::ifstream log(log_path, std::ios::binary);
  log.seekg(static_cast<std::streamoff>(offset));
  const std::string prefix = absl::StrCat(program, ": ");
  std::string line, last, words;
  while (std::getline(log, line)) {
    if (line.empty()) continue;
    last = line;
    if (absl::StartsWith(line, prefix)) {
      words = line.substr(prefix.size());
    } else if (!words.empty()) {
      absl::StrAppend(&words, "; ", line);
    }
  }
  return words.empty() ? last : words;
}

// The first line on `descriptor`; empty when the writer closes it or the time is over.
std::string ReadLine(int descriptor, double seconds) {
  std::string line;
  const double end = SecondsNow() + seconds;
  for (;;) {
    pollfd ready = {descriptor, POLLIN, 0};
    const double left = end - SecondsNow();
    if (left <= 0) return "";
    const int count = poll(&ready, 1, static_cast<int>(left * 1000) + 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return "";
    char c = 0;
    if (read(descriptor, &c, 1) != 1) return "";
    if (c == '\n') return line;
    line += c;
  }
}

}  // namespace

absl::StatusOr<std::string> FindProgram(const std::string& name, const std::string& directory) {
  std::vector<std::string> places;
  if (!directory.empty()) {
    places = {directory};
  } else {
    std::error_code error;
    places.push_back(std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string());
    const char* path = std::getenv("PATH");
    if (path != nullptr) {
      for (const absl::string_view place : absl::StrSplit(path, ':', absl::SkipEmpty())) {
        places.emplace_back(place);
      }
    }
  }
  for (const std::string& place : places) {
    const std::string candidate = absl::StrCat(place, "/", name);
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return absl::NotFoundError(absl::StrCat("cannot find the program ", name, ", neither in ",
                                          places[0], directory.empty() ? " nor on PATH" : "",
                                          "; build or install it"));
}

LocalCluster::LocalCluster(const Options& options)
    : options_(options), log_directory_(absl::StrCat(options.directory, "/logs")) {}

absl::StatusOr<std::unique_ptr<LocalCluster>> LocalCluster::Start(const Options& options) {
  // The constructor is private.
  std::unique_ptr<LocalCluster> cluster(new LocalCluster(options));
  CAVIAR_ASSIGN_OR_RETURN(cluster->coordinator_program_,
                          FindProgram("caviar-coordinator", options.programs));
  CAVIAR_ASSIGN_OR_RETURN(cluster->worker_program_, FindProgram("caviar-worker", options.programs));
  CAVIAR_ASSIGN_OR_RETURN(const bool is_new, MakeServiceDirectory(options.directory));
  const absl::Status started = cluster->StartServices();
  if (started.ok()) {
    cluster->supervisor_ = std::thread([c = cluster.get()] { c->Supervise(); });
    return cluster;
  }
  cluster->Stop();
  // A log that the reason points to stays.
  const bool is_told_whole = !absl::StrContains(started.message(), cluster->log_directory_);
  if (is_new && is_told_whole) RemoveServiceDirectory(options.directory);
  return started;
}

absl::Status LocalCluster::StartServices() {
  CAVIAR_RETURN_IF_ERROR(CreateDirectories(log_directory_));
  CAVIAR_RETURN_IF_ERROR(StartCoordinator());
  workers_.resize(options_.workers);
  // They load while the coordinator opens its store.
  for (int number = 1; number <= options_.workers; ++number) {
    CAVIAR_RETURN_IF_ERROR(StartWorker(number));
  }
  absl::Status listens = AwaitCoordinator();
  if (!listens.ok()) {
    workers_.clear();  // killed before they say something in logs that may be another cluster's
    return listens;
  }
  for (WorkerSlot& worker : workers_) worker.process->SendLine(address_);
  return absl::OkStatus();
}

LocalCluster::~LocalCluster() { Stop(); }

absl::Status LocalCluster::StartCoordinator() {
  ChildProcess::Options options;
  options.program = coordinator_program_;
  options.arguments = {"--listen",         options_.listen, "--dir",
                       options_.directory, "--log-level",   options_.log_level};
  options.arguments.insert(options.arguments.end(), options_.coordinator_arguments.begin(),
                           options_.coordinator_arguments.end());
  options.log_path = CoordinatorLog();
  options.pipe_stdout = true;
  coordinator_log_start_ = FileSize(options.log_path);
  CAVIAR_ASSIGN_OR_RETURN(coordinator_, ChildProcess::Start(options));
  return absl::OkStatus();
}

absl::Status LocalCluster::AwaitCoordinator() {
  const std::string line = ReadLine(coordinator_->stdout_descriptor(), kCoordinatorStartSeconds);
  if (absl::StartsWith(line, kReadyPrefix)) {
    address_ = line.substr(sizeof(kReadyPrefix) - 1);
    return absl::OkStatus();
  }
  coordinator_.reset();
  const std::string why = LastLine(CoordinatorLog(), coordinator_log_start_, "caviar-coordinator");
  return absl::FailedPreconditionError(
      why.empty() ? absl::StrCat("the coordinator did not start; see ", CoordinatorLog()) : why);
}

absl::Status LocalCluster::StartWorker(int number) {
  WorkerSlot& slot = workers_[number - 1];
  slot.process.reset();
  slot.started_at = SecondsNow();
  ChildProcess::Options options;
  options.program = worker_program_;
  options.arguments = {"--coordinator", "-",
                       "--slots",       "1",
                       "--name",        absl::StrCat("worker-", number),
                       "--cache",       absl::StrCat(options_.directory, "/workers/", number),
                       "--artifacts",   absl::StrCat(options_.directory, "/artifacts"),
                       "--log-level",   options_.log_level};
  options.log_path = WorkerLog(number);
  options.has_input = true;
  slot.log_start = FileSize(options.log_path);
  CAVIAR_ASSIGN_OR_RETURN(slot.process, ChildProcess::Start(options));
  if (!address_.empty()) slot.process->SendLine(address_);
  return absl::OkStatus();
}

std::string LocalCluster::CoordinatorLog() const {
  return absl::StrCat(log_directory_, "/coordinator.log");
}

std::string LocalCluster::WorkerLog(int number) const {
  return absl::StrCat(log_directory_, "/worker-", number, ".log");
}

absl::Status LocalCluster::Health() {
  const MutexLock lock(&mutex_);
  return health_;
}

void LocalCluster::Supervise() {
  for (;;) {
    {
      const MutexLock lock(&mutex_);
      if (!is_stopping_ && !is_dismissing_) stopping_.WaitFor(&mutex_, kSupervisionInterval);
      if (is_stopping_) break;
      if (std::exchange(is_dismissing_, false)) SignalWorkers();
      if (!health_.ok()) continue;
    }
    const std::optional<std::string> end = coordinator_->Ended();
    if (end.has_value()) {
      const std::string why =
          LastLine(CoordinatorLog(), coordinator_log_start_, "caviar-coordinator");
      Lose(absl::InternalError(absl::StrCat("the coordinator ended unasked (", *end, "); its log ",
                                            CoordinatorLog(),
                                            " ends with: ", why.empty() ? "nothing" : why)));
      continue;
    }
    if (are_workers_dismissed_) continue;
    RestartWorkers();
    const absl::Status workers = WorkersHealth();
    if (!workers.ok()) Lose(workers);
  }
  // Here, because workers that this thread started get another SIGTERM when it ends.
  StopProcesses();
}

void LocalCluster::Lose(const absl::Status& why) {
  {
    const MutexLock lock(&mutex_);
    health_ = why;
  }
  options_.on_lost();
}

void LocalCluster::RestartWorkers() {
  for (int number = 1; number <= options_.workers; ++number) {
    WorkerSlot& slot = workers_[number - 1];
    if (slot.process.has_value()) {
      const std::optional<std::string> end = slot.process->Ended();
      if (!end.has_value()) continue;
      slot.process.reset();
      NoteEnd(number, *end);
    } else if (SecondsNow() >= slot.retry_at) {
      const absl::Status started = StartWorker(number);
      if (!started.ok()) {
        LogWarning(started.message());
        slot.retry_at = SecondsNow() + kRestartPauseMaxSeconds;
      }
    }
  }
}

void LocalCluster::NoteEnd(int number, const std::string& how) {
  WorkerSlot& slot = workers_[number - 1];
  const double now = SecondsNow();
  const double lived = now - slot.started_at;
  if (lived >= kHealthySeconds) slot.ends = 0;
  slot.retry_at = now + std::min(kRestartPauseMaxSeconds, 0.5 * (1 << std::min(slot.ends, 6)));
  ++slot.ends;
  if (lived >= kFailedStartSeconds) {
    slot.failed_starts = 0;
  } else if (slot.failed_starts++ == 0) {
    slot.failing_since = now;
  }
  LogWarning(absl::StrCat("worker-", number, " ended unasked (", how, "); starting it again; see ",
                          WorkerLog(number)));
}

absl::Status LocalCluster::WorkersHealth() const {
  const double begun_before = SecondsNow() - absl::ToDoubleSeconds(options_.worker_start_patience);
  for (const WorkerSlot& slot : workers_) {
    const bool may_run = slot.process.has_value() || slot.failed_starts < kFailedStartsMin ||
                         slot.failing_since > begun_before;
    if (may_run) return absl::OkStatus();
  }
  if (workers_.empty()) return absl::OkStatus();
  const std::string why = LastLine(WorkerLog(1), workers_[0].log_start, "caviar-worker");
  return absl::FailedPreconditionError(absl::StrCat("no worker can be started",
                                                    why.empty() ? "" : absl::StrCat(": ", why),
                                                    "; see ", WorkerLog(1)));
}

void LocalCluster::DismissWorkers() {
  const MutexLock lock(&mutex_);
  is_dismissing_ = true;
  stopping_.NotifyAll();
}

void LocalCluster::Stop() {
  {
    const MutexLock lock(&mutex_);
    is_stopping_ = true;
    stopping_.NotifyAll();
  }
  if (supervisor_.joinable()) {
    supervisor_.join();
  } else {
    StopProcesses();
  }
}

std::vector<ChildProcess*> LocalCluster::RunningWorkers() {
  std::vector<ChildProcess*> running;
  for (WorkerSlot& slot : workers_) {
    if (slot.process.has_value()) running.push_back(&*slot.process);
  }
  return running;
}

// Once: a second signal would end them in the middle of it.
void LocalCluster::SignalWorkers() {
  if (std::exchange(are_workers_dismissed_, true)) return;
  for (ChildProcess* worker : RunningWorkers()) worker->Signal(SIGTERM);
}

void LocalCluster::StopProcesses() {
  const bool can_hand_back = coordinator_.has_value() && !coordinator_->Ended().has_value();
  SignalWorkers();
  WaitOrKill(RunningWorkers(), can_hand_back ? kWorkerStopSeconds : 0);
  workers_.clear();
  if (coordinator_.has_value()) {
    coordinator_->Signal(SIGTERM);
    WaitOrKill({&*coordinator_}, kCoordinatorStopSeconds);
  }
  coordinator_.reset();
}

void LocalCluster::Kill() { is_killed_ = true; }

void LocalCluster::WaitOrKill(std::vector<ChildProcess*> processes, double seconds) {
  const double end = SecondsNow() + seconds;
  for (;;) {
    std::erase_if(processes, [](ChildProcess* process) { return process->Ended().has_value(); });
    if (processes.empty()) return;
    if (is_killed_ || SecondsNow() > end) {
      for (ChildProcess* process : processes) process->Signal(SIGKILL);
    }
    ChildProcess::AwaitAnyEnd(processes, kStopInterval);
  }
}

}  // namespace caviar::cli
