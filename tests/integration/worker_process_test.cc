// caviar-worker as a process: how it ends.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest/sha256.h"
#include "common/status/check.h"
#include "tests/integration/child_process.h"
#include "tests/worker/runtime/temporary_directory.h"
#include "tests/worker/session/scripted_coordinator.h"

namespace caviar {
namespace {

constexpr char kProgram[] = CAVIAR_BINARY_DIR "/caviar-worker";

v1::CoordinatorMessage MakeAssign(uint32_t trial, const std::string& dataset_digest) {
  v1::CoordinatorMessage message;
  v1::Assign& assign = *message.mutable_assign();
  assign.mutable_id()->set_job(1);
  assign.mutable_id()->set_trial(trial);
  assign.mutable_id()->set_attempt(1);
  assign.set_dataset_digest(dataset_digest);
  assign.set_until_epoch(1);
  assign.set_epochs(1);
  return message;
}

// Reading a pipe that nobody writes to never ends, as hashing a large file does not for long.
TEST(WorkerProcessTest, ADrainDoesNotWaitForASlotThatHearsNoStop) {
  session::ScriptedCoordinator coordinator;
  const TemporaryDirectory directory;
  const std::string digest = Sha256Hex("the data set");
  std::filesystem::create_directories(directory.path() + "/artifacts");
  const std::string pipe = absl::StrCat(directory.path(), "/artifacts/", digest);
  CAVIAR_CHECK(mkfifo(pipe.c_str(), 0600) == 0);

  ChildProcess worker({kProgram, "--coordinator", coordinator.address(), "--slots", "1", "--cache",
                       directory.path()});
  coordinator.Welcome();
  coordinator.Send(MakeAssign(1, digest));
  coordinator.Send(MakeAssign(2, digest));
  // The slot is taken.
  const v1::AttemptId refused = coordinator.WaitFor(v1::WorkerMessage::kHandBack).hand_back().id();
  EXPECT_EQ(refused.trial(), 2u);
  // Now there is nothing left to hand back, but the slot is not free.
  v1::CoordinatorMessage acknowledged;
  *acknowledged.mutable_finish_ack()->mutable_id() = refused;
  coordinator.Send(acknowledged);
  v1::CoordinatorMessage stop;
  *stop.mutable_stop()->mutable_id() = MakeAssign(1, digest).assign().id();
  stop.mutable_stop()->set_reason(v1::Stop::LOST);
  coordinator.Send(stop);
  worker.Signal(SIGTERM);
  EXPECT_EQ(worker.Wait(), 0) << worker.Errors();
}

TEST(WorkerProcessTest, TakesItsCoordinatorFromStdin) {
  session::ScriptedCoordinator coordinator;
  const TemporaryDirectory directory;
  const std::string input = absl::StrCat(directory.path(), "/input");
  std::ofstream(input) << coordinator.address() << "\n";
  ChildProcess worker({"/bin/sh", "-c", "exec \"$@\" <" + input, "sh", kProgram, "--coordinator",
                       "-", "--cache", directory.path() + "/cache"});
  coordinator.Welcome();
  worker.Signal(SIGTERM);
  EXPECT_EQ(worker.Wait(), 0) << worker.Errors();
}

TEST(WorkerProcessTest, EndsWhereStdinHasNoCoordinator) {
  ChildProcess worker(
      {"/bin/sh", "-c", "exec \"$@\" </dev/null", "sh", kProgram, "--coordinator", "-"});
  EXPECT_EQ(worker.Wait(), 2);
  EXPECT_EQ(worker.Errors(), "caviar-worker: --coordinator -: stdin ended without an address\n");
}

TEST(WorkerProcessTest, ComplainsInOneLineAboutItsCommandLine) {
  const struct {
    std::vector<std::string> arguments;
    std::string complaint;
  } kCases[] = {
      {{"--slot", "2"},
       "there is no option --slot; did you mean --slots? (see caviar-worker --help)"},
      {{"--slots", "0"}, "--slots: must be at least 1, got 0 (see caviar-worker --help)"},
      {{"--artifacts", "/none"},
       "--artifacts: there is no directory /none; it is the folder artifacts in the --dir of a "
       "coordinator on this machine"},
      {{"--checkpoint-interval", "5"},
       "--checkpoint-interval: must be a duration such as 500ms, 30s or 2m, got \"5\" (see "
       "caviar-worker --help)"},
      {{"--log-level", "loud"},
       "--log-level: must be debug, info, warning, error or off, got \"loud\""},
      {{"--coordinator", "nowhere"},
       "--coordinator: must be HOST:PORT such as 127.0.0.1:7420, got \"nowhere\" (no port)"},
  };
  for (const auto& wrong : kCases) {
    std::vector<std::string> arguments = {kProgram};
    arguments.insert(arguments.end(), wrong.arguments.begin(), wrong.arguments.end());
    ChildProcess process(arguments);
    EXPECT_EQ(process.Wait(), 2) << wrong.complaint;
    EXPECT_EQ(process.Errors(), "caviar-worker: " + wrong.complaint + "\n");
  }
}

}  // namespace
}  // namespace caviar
