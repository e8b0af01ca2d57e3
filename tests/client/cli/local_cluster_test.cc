#include "client/cli/local_cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <semaphore>
#include <thread>

#include "absl/strings/match.h"
#include "common/file/durable_file.h"
#include "tests/client/cli/fake_programs.h"

namespace caviar::cli {
namespace {

class LocalClusterTest : public testing::Test {
 protected:
  LocalClusterTest()
      : folder_(FreshFolder(testing::TempDir() + "local_cluster_test")),
        events_(folder_ + "/events") {
    WriteProgram(folder_, "caviar-coordinator",
                 "echo \"coordinator $*\" >>" + events_ +
                     "\necho listening on 127.0.0.1:4711\necho a log line >&2\n" +
                     UntilStopped("coordinator", events_));
    WriteProgram(folder_, "caviar-worker",
                 "echo \"worker $*\" >>" + events_ + "\nread address; echo \"$6 of $address\" >>" +
                     events_ + "\n" + UntilStopped("worker", events_));
    options_.directory = folder_ + "/data";
    options_.programs = folder_;
    options_.workers = 2;
  }
  std::string Events() { return ReadFile(events_).value_or(""); }
  // Until the events hold `text`; the test's time-out is the bound.
  void WaitForEvent(const std::string& text) {
    while (!absl::StrContains(Events(), text)) std::this_thread::yield();
  }

  const std::string folder_, events_;
  LocalCluster::Options options_;
};

TEST_F(LocalClusterTest, StartsServicesAndStopsWorkersFirst) {
  auto cluster = LocalCluster::Start(options_);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  EXPECT_EQ((*cluster)->address(), "127.0.0.1:4711");
  WaitForEvent("worker-2 of 127.0.0.1:4711");
  WaitForEvent("worker-1 of 127.0.0.1:4711");
  EXPECT_TRUE((*cluster)->Health().ok());
  (*cluster)->Stop();
  const std::string events = Events();
  EXPECT_TRUE(absl::StrContains(events, "coordinator --listen 127.0.0.1:0 --dir " +
                                            options_.directory + " --log-level info\n"))
      << events;
  EXPECT_TRUE(absl::StrContains(events,
                                "worker --coordinator - --slots 1 --name "
                                "worker-1 --cache " +
                                    options_.directory + "/workers/1 --artifacts " +
                                    options_.directory + "/artifacts"))
      << events;
  EXPECT_TRUE(absl::EndsWith(events, "worker stopped\nworker stopped\ncoordinator stopped\n"))
      << events;
  EXPECT_EQ(*ReadFile(options_.directory + "/logs/coordinator.log"), "a log line\n");
}

TEST_F(LocalClusterTest, GoesOnWithoutTheWorkersThatItDismissed) {
  auto cluster = LocalCluster::Start(options_);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  // Each can be stopped once its file is there.
  while (!std::filesystem::exists(events_ + ".worker")) std::this_thread::yield();
  WaitForEvent("worker-2 of 127.0.0.1:4711");
  WaitForEvent("worker-1 of 127.0.0.1:4711");
  (*cluster)->DismissWorkers();
  WaitForEvent("worker stopped\n");
  EXPECT_TRUE((*cluster)->Health().ok());
  EXPECT_FALSE(absl::StrContains(Events(), "coordinator stopped"));
  (*cluster)->Stop();
  EXPECT_TRUE(absl::EndsWith(Events(), "coordinator stopped\n")) << Events();
}

TEST_F(LocalClusterTest, PassesOnWhyTheCoordinatorRefused) {
  WriteProgram(
      folder_, "caviar-coordinator",
      "echo earlier >&2\necho 'caviar-coordinator: d is in use by process 7' >&2\nexit 2\n");
  const auto cluster = LocalCluster::Start(options_);
  EXPECT_EQ(cluster.status(), absl::FailedPreconditionError("d is in use by process 7"));
}

TEST_F(LocalClusterTest, LeavesNoDirectoryThatItMadeForNothing) {
  WriteProgram(folder_, "caviar-coordinator",
               "echo store >" + options_.directory +
                   "/store.db\necho 'caviar-coordinator: the port is taken' >&2\nexit 1\n");
  EXPECT_FALSE(LocalCluster::Start(options_).ok());
  EXPECT_FALSE(std::filesystem::exists(options_.directory));
}

TEST_F(LocalClusterTest, LeavesADirectoryThatWasThere) {
  std::filesystem::create_directories(options_.directory);
  WriteProgram(folder_, "caviar-coordinator",
               "echo 'caviar-coordinator: the port is taken' >&2\nexit 1\n");
  EXPECT_FALSE(LocalCluster::Start(options_).ok());
  EXPECT_TRUE(std::filesystem::exists(options_.directory));
}

TEST_F(LocalClusterTest, LeavesTheLogThatAFailurePointsTo) {
  WriteProgram(folder_, "caviar-coordinator", "exit 1\n");
  const auto cluster = LocalCluster::Start(options_);
  EXPECT_EQ(cluster.status(),
            absl::FailedPreconditionError("the coordinator did not start; see " +
                                          options_.directory + "/logs/coordinator.log"));
  EXPECT_TRUE(std::filesystem::exists(options_.directory + "/logs/coordinator.log"));
}

TEST_F(LocalClusterTest, PassesOnAReasonOfSeveralLinesWhole) {
  WriteProgram(folder_, "caviar-coordinator",
               "echo 'caviar-coordinator: store.db is damaged: in database main' >&2\n"
               "echo 'Page 3: error 11. It is left as it was found' >&2\nexit 1\n");
  const auto cluster = LocalCluster::Start(options_);
  EXPECT_EQ(cluster.status(), absl::FailedPreconditionError(
                                  "store.db is damaged: in database main; Page 3: error 11. "
                                  "It is left as it was found"));
}

TEST_F(LocalClusterTest, SaysWhichProgramIsMissing) {
  std::filesystem::remove(folder_ + "/caviar-worker");
  const auto cluster = LocalCluster::Start(options_);
  EXPECT_TRUE(absl::IsNotFound(cluster.status()));
  EXPECT_TRUE(absl::StrContains(cluster.status().message(), "caviar-worker"));
}

TEST_F(LocalClusterTest, StartsADeadWorkerAgain) {
  WriteProgram(folder_, "caviar-worker",
               "if [ ! -e " + folder_ + "/second ]; then touch " + folder_ +
                   "/second; exit 1; fi\n" +
                   UntilStopped("worker", events_, "echo worker again >>" + events_ + "\n"));
  options_.workers = 1;
  auto cluster = LocalCluster::Start(options_);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  WaitForEvent("worker again");
  (*cluster)->Stop();
  EXPECT_TRUE(absl::StrContains(Events(), "worker stopped"));
}

TEST_F(LocalClusterTest, TellsOfACoordinatorThatEnded) {
  WriteProgram(folder_, "caviar-coordinator",
               "echo listening on 127.0.0.1:4711\necho the disk is full >&2\nexit 5\n");
  std::binary_semaphore lost(0);
  options_.on_lost = [&lost] { lost.release(); };
  auto cluster = LocalCluster::Start(options_);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  lost.acquire();
  EXPECT_TRUE(absl::StrContains((*cluster)->Health().message(), "exit code 5"))
      << (*cluster)->Health();
  EXPECT_TRUE(absl::EndsWith((*cluster)->Health().message(), "ends with: the disk is full"))
      << (*cluster)->Health();
}

TEST_F(LocalClusterTest, GivesUpWhenNoWorkerCanEverBeStarted) {
  WriteProgram(folder_, "caviar-worker",
               "echo worker tried >>" + events_ +
                   "\necho 'caviar-worker: the cache is in use by process 7' >&2\nexit 2\n");
  options_.worker_start_patience = absl::Milliseconds(1);
  std::binary_semaphore lost(0);
  options_.on_lost = [&lost] { lost.release(); };
  auto cluster = LocalCluster::Start(options_);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  lost.acquire();
  EXPECT_EQ((*cluster)->Health(),
            absl::FailedPreconditionError(
                "no worker can be started: the cache is in use by process 7; see " +
                options_.directory + "/logs/worker-1.log"));
  const std::string events = Events();
  EXPECT_EQ(std::count(events.begin(), events.end(), '\n'), 1 + 2 * 3) << events;
  (*cluster)->Stop();
  EXPECT_TRUE(absl::EndsWith(Events(), "coordinator stopped\n"));
}

// One worker that runs is enough.
TEST_F(LocalClusterTest, GoesOnWhileOneWorkerRuns) {
  WriteProgram(folder_, "caviar-worker",
               "echo worker $6 >>" + events_ + "\n[ $6 = worker-1 ] && exit 2\n" +
                   UntilStopped("worker", events_));
  options_.worker_start_patience = absl::Milliseconds(1);
  auto cluster = LocalCluster::Start(options_);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  WaitForEvent("worker worker-2\n");
  std::string events;
  do {
    events = Events();
  } while (std::count(events.begin(), events.end(), '\n') < 1 + 1 + 4);
  EXPECT_TRUE((*cluster)->Health().ok()) << (*cluster)->Health();
}

// They could hand back to nobody.
TEST_F(LocalClusterTest, DoesNotWaitForWorkersOnceTheCoordinatorIsGone) {
  WriteProgram(folder_, "caviar-coordinator",
               "echo listening on 127.0.0.1:4711\nwhile [ ! -e " + folder_ +
                   "/go ]; do sleep 0.02; done\nexit 5\n");
  WriteProgram(
      folder_, "caviar-worker",
      "trap 'echo asked' TERM\necho worker busy >>" + events_ + "\nwhile :; do sleep 0.02; done\n");
  options_.workers = 1;
  std::binary_semaphore lost(0);
  options_.on_lost = [&lost] { lost.release(); };
  auto cluster = LocalCluster::Start(options_);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  WaitForEvent("worker busy");
  std::ofstream(folder_ + "/go") << "";
  lost.acquire();
  const auto begin = std::chrono::steady_clock::now();
  (*cluster)->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST_F(LocalClusterTest, KillsWhatDoesNotStop) {
  WriteProgram(folder_, "caviar-worker",
               "trap '' TERM\necho worker deaf >>" + events_ + "\nwhile :; do sleep 0.02; done\n");
  auto cluster = LocalCluster::Start(options_);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  WaitForEvent("worker deaf");
  (*cluster)->Kill();
  (*cluster)->Stop();
}

}  // namespace
}  // namespace caviar::cli
