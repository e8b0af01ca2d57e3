// An optimizer of somebody else's that uses Caviar as its objective: it asks for points by
// `caviar add`, hears what came of them, and the job ends when it has had all of its trials.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/e2e/cluster.h"

namespace caviar::e2e {
namespace {

using Json = nlohmann::json;

constexpr char kLetters[] = CAVIAR_SOURCE_DIR "/tests/data/letter-recognition.csv.gz";
constexpr double kTrialSeconds = 120;

constexpr char kJob[] = R"(name: asked
dataset: letters
budget: {trials: 3, epochs: 1}
sampler: external
space:
  learning_rate: {log: [1e-4, 1e-1]}
  hidden_units: {int: [8, 64]}
fixed: {hidden_layers: 1}
constraints: ["hidden_units <= 32"]
)";

// The number of the trial that a point became.
int Ask(const Cluster& cluster, const Json& point) {
  const Finished added =
      cluster.Caviar({"add", "asked", "--point", point.dump(), "--output", "json"});
  EXPECT_EQ(added.exit_code, 0) << added.error;
  if (added.exit_code != 0) return 0;
  return Json::parse(added.output).at("trials").at(0).at("number").get<int>();
}

// The value of a trial, once it is known.
double Tell(Process& watch, int number) {
  while (true) {
    const auto line = watch.ReadLine(kTrialSeconds);
    if (!line.has_value()) {
      ADD_FAILURE() << "the watch ended before trial " << number;
      return 0;
    }
    const Json update = Json::parse(*line);
    if (!update.contains("trial")) continue;
    const Json& trial = update.at("trial");
    if (trial.at("number") == number && trial.at("state") == "COMPLETED") {
      return trial.at("value").get<double>();
    }
  }
}

TEST(AskTellTest, AnotherOptimizerChoosesEachPointByWhatTheOnesBeforeCameTo) {
  const ScratchDirectory directory;
  Cluster cluster(directory);
  cluster.StartCoordinator();
  cluster.StartWorker("w");
  const Finished imported = cluster.Caviar(
      {"dataset", "import", "--data", kLetters, "--target", "Letter", "--name", "letters"});
  ASSERT_EQ(imported.exit_code, 0) << imported.error;
  const Finished submitted = cluster.Caviar({"submit", directory.Write("asked.yaml", kJob)});
  ASSERT_EQ(submitted.exit_code, 0) << submitted.error;

  Process watch = cluster.StartCaviar({"watch", "asked", "--output", "json"});
  double rate = 1e-3;
  double best = 0;
  for (int number = 1; number <= 3; ++number) {
    ASSERT_EQ(Ask(cluster, {{"learning_rate", rate}, {"hidden_units", 16}}), number);
    const double value = Tell(watch, number);
    EXPECT_GT(value, 0);
    rate *= value > best ? 3 : 0.5;
    best = std::max(best, value);
  }
  watch.ReadAll(kTrialSeconds);
  EXPECT_EQ(watch.Wait(kTrialSeconds), 0) << "the job ends with its last trial";

  const Finished broken =
      cluster.Caviar({"add", "asked", "--point", "hidden_units=64,learning_rate=0.01"});
  EXPECT_NE(broken.exit_code, 0);
  EXPECT_NE(broken.error.find("caviar extend 1 --trials +N"), std::string::npos) << broken.error;
}

}  // namespace
}  // namespace caviar::e2e
