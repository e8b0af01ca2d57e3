#include "tests/e2e/cluster.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "absl/strings/strip.h"

namespace caviar::e2e {
namespace {

constexpr char kCoordinator[] = "coordinator";
// Longer than any machine needs to start a process or to end one.
constexpr double kStartSeconds = 30;
constexpr double kStopSeconds = 30;

}  // namespace

void Cluster::StartCoordinator() {
  const std::string listen = address_.empty() ? "127.0.0.1:0" : address_;
  Process process({"caviar-coordinator", "--listen", listen, "--dir", directory_ / kCoordinator,
                   "--heartbeat-interval", "300ms", "--lease", "2s"},
                  directory_ / "coordinator.log");
  const auto line = process.ReadLine(kStartSeconds);
  ASSERT_TRUE(line.has_value()) << "the coordinator said nothing; see " << directory_.path();
  absl::string_view address = *line;
  ASSERT_TRUE(absl::ConsumePrefix(&address, "listening on ")) << *line;
  address_ = std::string(address);
  processes_.insert_or_assign(kCoordinator, std::move(process));
}

void Cluster::StartWorker(const std::string& name, int slots) {
  processes_.insert_or_assign(
      name, Process({"caviar-worker", "--coordinator", address_, "--slots", std::to_string(slots),
                     "--name", name, "--cache", directory_ / name, "--checkpoint-interval", "0s"},
                    directory_ / (name + ".log")));
}

void Cluster::KillCoordinator() { KillWorker(kCoordinator); }

void Cluster::KillWorker(const std::string& name) {
  processes_.at(name).Signal(SIGKILL);
  EXPECT_EQ(processes_.at(name).Wait(kStopSeconds), 128 + SIGKILL);
  processes_.erase(name);
}

int Cluster::StopCoordinator() { return StopWorker(kCoordinator); }

int Cluster::StopWorker(const std::string& name) {
  processes_.at(name).Signal(SIGTERM);
  const int code = processes_.at(name).Wait(kStopSeconds);
  processes_.erase(name);
  return code;
}

Process Cluster::StartCaviar(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), "caviar");
  arguments.insert(arguments.end(), {"--server", address_});
  return Process(arguments, directory_ / "caviar.log");
}

Finished Cluster::Caviar(std::vector<std::string> arguments, double seconds) const {
  arguments.insert(arguments.begin(), "caviar");
  arguments.insert(arguments.end(), {"--server", address_});
  return RunToEnd(arguments, seconds);
}

}  // namespace caviar::e2e
