// Seeds by the thousand. Without flags the tests below; otherwise
//
//   simulation_test --seed 7 [--big] [--trace] [--bug NAME]    one run, replayed
//   simulation_test --seeds 100000 [--first 1] [--big] [--bug NAME]    many runs
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/simulation/world.h"

namespace caviar::simulation {
namespace {

std::string Replay(const RunOptions& options) {
  return absl::StrCat(
      "simulation_test --seed ", options.seed, options.is_big ? " --big" : "",
      options.bug == PlantedBug::kNone
          ? ""
          : absl::StrCat(" --bug ", kPlantedBugNames[static_cast<int>(options.bug)]),
      " --trace");
}

struct Summary {
  uint64_t runs = 0;
  uint64_t steps = 0;
  absl::Duration simulated;
  std::map<std::string, uint64_t> reached;
  std::optional<RunOptions> failed;
  std::string failure;
};

// Until one fails.
Summary RunSeeds(uint64_t first, uint64_t count, bool is_big, PlantedBug bug = PlantedBug::kNone) {
  Summary summary;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    const RunOptions options{seed, is_big, false, bug};
    const RunResult result = RunSimulation(options);
    ++summary.runs;
    summary.steps += result.steps;
    summary.simulated += result.simulated;
    for (const auto& [name, times] : result.reached) summary.reached[name] += times;
    if (result.failure.empty()) continue;
    summary.failed = options;
    summary.failure = result.failure;
    break;
  }
  return summary;
}

void ExpectNoFailure(const Summary& summary) {
  EXPECT_FALSE(summary.failed.has_value())
      << summary.failure << "\nreplay: " << Replay(*summary.failed);
}

TEST(SimulationTest, SmallClustersKeepEveryPromise) {
  const Summary summary = RunSeeds(1, 2000, false);
  ExpectNoFailure(summary);
  // The hard states are reached at all: else the seeds have become too tame.
  for (const char* name : {"resumed from a checkpoint",
                           "retry",
                           "tried alone",
                           "retry behind its curve",
                           "checkpoint before its curve",
                           "paused trial",
                           "pruned trial",
                           "poison",
                           "a worker that cannot",
                           "a slot given before its trial's end",
                           "no worker can",
                           "death taken back",
                           "stale message",
                           "gap",
                           "Stop LOST",
                           "Stop CANCELLED",
                           "Stop PRUNED",
                           "Stop PAUSED",
                           "desired CONTINUE",
                           "desired STOP",
                           "desired LOST",
                           "commit failed",
                           "commit kept, but reported as failed",
                           "double crash",
                           "coordinator killed",
                           "worker killed",
                           "drained worker",
                           "repeated call",
                           "job deleted",
                           "points added",
                           "wild message",
                           "replayed message",
                           "lease ended on an open session",
                           "promoted at once",
                           "promoted from a pause",
                           "a checkpoint becomes a model",
                           "last chance",
                           "hyperband compared",
                           "thought",
                           "replayed point",
                           "replayed decision",
                           "adjusted",
                           "adjusted after a loss",
                           "retry before a change",
                           "ended before its change",
                           "rolled back",
                           "rolled back past its checkpoint",
                           "held trial",
                           "copied",
                           "compared with the undisturbed run"}) {
    EXPECT_GT(summary.reached.contains(name) ? summary.reached.at(name) : 0, 0u) << name;
  }
}

TEST(SimulationTest, ThreeHundredWorkersKeepEveryPromise) { ExpectNoFailure(RunSeeds(1, 3, true)); }

TEST(SimulationTest, ASeedReplaysBitForBit) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const RunOptions options{seed * 97, false, false, PlantedBug::kNone};
    EXPECT_EQ(RunSimulation(options).trace_hash, RunSimulation(options).trace_hash)
        << Replay(options);
  }
}

class PlantedBugTest : public ::testing::TestWithParam<int> {};

TEST_P(PlantedBugTest, IsFound) {
  constexpr uint64_t kSeedsMax = 4000;
  const Summary summary = RunSeeds(1, kSeedsMax, false, static_cast<PlantedBug>(GetParam()));
  ASSERT_TRUE(summary.failed.has_value()) << "not found in " << kSeedsMax << " seeds";
  std::printf("  %-22s seed %3llu: %s\n", std::string(kPlantedBugNames[GetParam()]).c_str(),
              static_cast<unsigned long long>(summary.failed->seed),
              summary.failure.substr(0, summary.failure.find('\n')).c_str());
}

INSTANTIATE_TEST_SUITE_P(All, PlantedBugTest,
                         ::testing::Range(1, static_cast<int>(kPlantedBugNames.size())),
                         [](const ::testing::TestParamInfo<int>& info) {
                           std::string name;
                           for (const char c : kPlantedBugNames[info.param]) {
                             if (c != '-') name.push_back(c);
                           }
                           return name;
                         });

// Returns the exit code.
int RunByFlags(const std::map<std::string, std::string>& flags) {
  const auto number = [&](const std::string& name, uint64_t otherwise) {
    uint64_t value = otherwise;
    if (flags.contains(name) && !absl::SimpleAtoi(flags.at(name), &value)) std::exit(2);
    return value;
  };
  PlantedBug bug = PlantedBug::kNone;
  for (size_t i = 0; flags.contains("bug") && i < kPlantedBugNames.size(); ++i) {
    if (kPlantedBugNames[i] == flags.at("bug")) bug = static_cast<PlantedBug>(i);
  }
  const bool is_big = flags.contains("big");
  Summary summary;
  const auto start = std::chrono::steady_clock::now();
  if (flags.contains("seed")) {
    const RunOptions options{number("seed", 1), is_big, flags.contains("trace"), bug};
    const RunResult result = RunSimulation(options);
    summary = {1, result.steps, result.simulated, result.reached, std::nullopt, result.failure};
    if (!result.failure.empty()) summary.failed = options;
    std::printf("seed %llu, trace hash %016llx\n", static_cast<unsigned long long>(options.seed),
                static_cast<unsigned long long>(result.trace_hash));
  } else {
    summary = RunSeeds(number("first", 1), number("seeds", 1000), is_big, bug);
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (const auto& [name, times] : summary.reached) {
    std::printf("  %-40s %llu\n", name.c_str(), static_cast<unsigned long long>(times));
  }
  std::printf("%llu runs, %llu steps, %.1f simulated hours in %.1f s: %.0f seeds/min\n",
              static_cast<unsigned long long>(summary.runs),
              static_cast<unsigned long long>(summary.steps),
              absl::ToDoubleHours(summary.simulated), seconds, summary.runs / seconds * 60);
  if (!summary.failed.has_value()) return 0;
  std::printf("FAILED: %s\nreplay: %s\n", summary.failure.c_str(), Replay(*summary.failed).c_str());
  return 1;
}

}  // namespace

int Main(int argc, char** argv) {
  std::map<std::string, std::string> flags;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    for (const char* name : {"seed", "seeds", "first", "bug"}) {
      if (argument == absl::StrCat("--", name) && i + 1 < argc) flags[name] = argv[++i];
    }
    if (argument == "--big" || argument == "--trace") flags[argument.substr(2)] = "";
  }
  if (flags.contains("seed") || flags.contains("seeds")) return RunByFlags(flags);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

}  // namespace caviar::simulation

int main(int argc, char** argv) { return caviar::simulation::Main(argc, argv); }
