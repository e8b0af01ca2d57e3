// caviar run | up
#include <algorithm>
#include <atomic>
#include <csignal>
#include <limits>
#include <thread>

#include "absl/strings/str_cat.h"
#include "client/cli/check_job.h"
#include "client/cli/command.h"
#include "client/cli/data_flags.h"
#include "client/cli/interrupt.h"
#include "client/cli/local_cluster.h"
#include "client/cli/number_text.h"
#include "client/cli/run_job.h"
#include "client/cli/usage_error.h"
#include "client/job_file/job_file.h"
#include "common/rpc/address.h"
#include "common/status/status_macros.h"

namespace caviar::cli {
namespace {

constexpr char kUpDirectory[] = "caviar-data";
// The coordinator's bound of budget.trials and budget.epochs.
constexpr int kBudgetMax = 1'000'000;

struct RunFlags {
  std::string job_file;
  DataFlags data;
  std::optional<int32_t> trials, epochs;
  std::optional<uint32_t> seed;
  std::string sampler;
  std::vector<std::string> overrides;
  RunRequest request;
};

struct UpFlags {
  LocalCluster::Options cluster;
  bool insecure_any_address = false;
};

int Cores() { return std::max(1u, std::thread::hardware_concurrency()); }

// Settings of the sampler that the job file has stay where it names the same one.
void SetSampler(const std::string& word, v1::JobSpec& spec) {
  v1::Sampler& sampler = *spec.mutable_sampler();
  if (word == "random" && !sampler.has_random()) sampler.mutable_random();
  if (word == "grid" && !sampler.has_grid()) sampler.mutable_grid();
  if (word == "sobol" && !sampler.has_sobol()) sampler.mutable_sobol();
  if (word == "zoom" && !sampler.has_zoom()) sampler.mutable_zoom();
  if (word == "gp" && !sampler.has_gp()) sampler.mutable_gp();
  if (word == "cmaes" && !sampler.has_cmaes()) sampler.mutable_cmaes();
}

absl::StatusOr<v1::JobSpec> SpecOf(const RunFlags& flags) {
  job_file::JobFileOptions options;
  options.overrides = flags.overrides;
  options.amend = [&flags](v1::JobSpec& spec) {
    if (flags.trials.has_value()) spec.mutable_budget()->set_trials(*flags.trials);
    if (flags.epochs.has_value()) spec.mutable_budget()->set_epochs(*flags.epochs);
    if (flags.seed.has_value()) spec.set_seed(*flags.seed);
    if (!flags.sampler.empty()) SetSampler(flags.sampler, spec);
  };
  options.check = CheckJobValues;
  CAVIAR_ASSIGN_OR_RETURN(v1::JobSpec spec, job_file::ReadJobFile(flags.job_file, options));
  if (HasDataFlags(flags.data)) {
    CAVIAR_RETURN_IF_ERROR(ApplyDataFlags(flags.data, *spec.mutable_data()));
  }
  return spec;
}

absl::StatusOr<int> RunHere(RunFlags& flags, CommandContext& context) {
  flags.request.format = FormatOf(context);
  const bool describes_job = !flags.job_file.empty() || HasDataFlags(flags.data) ||
                             flags.trials.has_value() || flags.epochs.has_value() ||
                             flags.seed.has_value() || !flags.sampler.empty() ||
                             !flags.overrides.empty();
  if (flags.request.resume) {
    if (describes_job) {
      return absl::InvalidArgumentError(
          "--resume goes on with the job that is in --dir; leave out what describes another one");
    }
    if (flags.request.directory.empty()) {
      return absl::InvalidArgumentError("--resume needs --dir DIR, the directory of the run");
    }
  } else {
    CAVIAR_ASSIGN_OR_RETURN(flags.request.spec, SpecOf(flags));
  }
  return RunJob(flags.request, context.console);
}

void AddRun(CLI::App& app, CommandContext& context) {
  CLI::App* command =
      AddCommand(app, "run", "Search on this machine: import, train, leaderboard, best model",
                 "caviar run --data letter.csv --target Letter --trials 40 --epochs 15\n"
                 "  caviar run letters.yaml --set budget.trials=20 --output json\n"
                 "  caviar run --resume --dir caviar-runs/letters");
  const auto flags = std::make_shared<RunFlags>();
  flags->request.workers = Cores();
  command->add_option("JOB.yaml", flags->job_file,
                      "The job file (docs/job-file.md); without one, defaults and flags");
  AddDataFlags(*command, flags->data);
  command->add_option("--trials", flags->trials, "Trials to try")
      ->check(WholeNumber(1, kBudgetMax))
      ->option_text("N");
  command->add_option("--epochs", flags->epochs, "Epochs a trial")
      ->check(WholeNumber(1, kBudgetMax))
      ->option_text("N");
  command->add_option("--workers", flags->request.workers, "Worker processes, one core each")
      ->check(WholeNumber(1, 1024))
      ->option_text(absl::StrCat("N [", Cores(), "]"));
  command->add_option("--seed", flags->seed, "All randomness of the job")
      ->check(WholeNumber(0, std::numeric_limits<uint32_t>::max()))
      ->option_text("N");
  command->add_option("--sampler", flags->sampler, "How points are proposed")
      ->check(CLI::IsMember({"random", "grid", "sobol", "zoom", "gp", "cmaes"}))
      ->option_text("random|grid|sobol|zoom|gp|cmaes");
  AddSetFlag(*command, flags->overrides);
  command->add_option("--dir", flags->request.directory, "Where everything is kept")
      ->option_text("DIR [./caviar-runs/NAME]");
  command->add_flag("--resume", flags->request.resume, "Go on with what is in --dir");
  command->add_option("--model", flags->request.model_path, "Where the best model goes")
      ->option_text("FILE [DIR/best-model.safetensors]");
  AddOutputFlag(*command, context);
  command->callback([flags, &context] {
    context.action = [flags, &context] { return RunHere(*flags, context); };
  });
}

absl::StatusOr<int> RunServices(UpFlags& flags, CommandContext& context) {
  CAVIAR_RETURN_IF_ERROR(ParseHostPort(flags.cluster.listen).status());
  if (flags.insecure_any_address) {
    flags.cluster.coordinator_arguments.push_back("--insecure-any-address");
  }
  std::atomic<bool> is_over = false;
  const auto end = [&is_over] {
    is_over = true;
    is_over.notify_all();
  };
  flags.cluster.on_lost = end;
  CAVIAR_ASSIGN_OR_RETURN(const auto cluster, LocalCluster::Start(flags.cluster));
  const Interrupt interrupt(end, [&cluster] { cluster->Kill(); });
  context.console.out << "caviar is up at " << cluster->address() << " with "
                      << Counted(flags.cluster.workers, "worker") << ", data in "
                      << flags.cluster.directory << ", logs in " << cluster->log_directory()
                      << "; Ctrl-C stops it\n"
                      << std::flush;
  is_over.wait(false);
  const absl::Status health = cluster->Health();
  if (health.ok()) context.console.err << "stopping: workers save what they train\n" << std::flush;
  cluster->Stop();
  CAVIAR_RETURN_IF_ERROR(health);
  // SIGTERM is how a service is stopped, and no failure.
  return interrupt.signal() == SIGINT ? kInterrupted : kDone;
}

void AddUp(CLI::App& app, CommandContext& context) {
  CLI::App* command = AddCommand(app, "up", "Start a coordinator and workers on this machine",
                                 "caviar up --workers 4 --dir ./caviar-data");
  const auto flags = std::make_shared<UpFlags>();
  flags->cluster.workers = Cores();
  flags->cluster.listen = kDefaultServerAddress;
  flags->cluster.directory = kUpDirectory;
  command->add_option("--workers", flags->cluster.workers, "Worker processes, one core each")
      ->check(WholeNumber(0, 1024))
      ->option_text(absl::StrCat("N [", Cores(), "]"));
  command->add_option("--listen", flags->cluster.listen, "Port 0 takes any free one")
      ->option_text(absl::StrCat("HOST:PORT [", kDefaultServerAddress, "]"));
  command->add_option("--dir", flags->cluster.directory, "Where everything is kept")
      ->option_text(absl::StrCat("DIR [./", kUpDirectory, "]"));
  command->add_flag("--insecure-any-address", flags->insecure_any_address,
                    "Allow --listen on an address that other machines can reach");
  command->callback([flags, &context] {
    context.action = [flags, &context] { return RunServices(*flags, context); };
  });
}

}  // namespace

void AddLocalCommands(CLI::App& app, CommandContext& context) {
  AddRun(app, context);
  AddUp(app, context);
}

}  // namespace caviar::cli
