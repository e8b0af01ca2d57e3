// The promise of the whole: two jobs on a coordinator and three workers, one worker and the
// coordinator killed while trials run, come out exactly as on one undisturbed worker.
#include "tests/e2e/cluster.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace caviar::e2e {
namespace {

using Json = nlohmann::json;

constexpr char kLetters[] = CAVIAR_SOURCE_DIR "/tests/data/letter-recognition.csv.gz";
constexpr double kJobSeconds = 240;
constexpr int kTrials = 10;
constexpr int kEpochs = 4;

std::string JobFile(const std::string& name, const std::string& sampler, int seed) {
  return "name: " + name + "\ndataset: letters\nbudget: {trials: " + std::to_string(kTrials) +
         ", epochs: " + std::to_string(kEpochs) + "}\nsampler: " + sampler +
         "\nspace:\n"
         "  learning_rate: {log: [1e-3, 1e-1]}\n"
         "  hidden_units: {int_log: [16, 64]}\n"
         "  batch_size: {values: [64, 128]}\n"
         "  optimizer: {choice: [adam, momentum]}\n"
         "seed: " +
         std::to_string(seed) + "\n";
}

// Returns the job's id.
std::string SubmitFile(const Cluster& cluster, const std::string& file) {
  const Finished submitted = cluster.Caviar({"submit", file, "--output", "json"});
  EXPECT_EQ(submitted.exit_code, 0) << submitted.error;
  return std::to_string(Json::parse(submitted.output).at("id").get<int>());
}

// Imports the data set and submits both jobs; returns their ids.
std::vector<std::string> Submit(const Cluster& cluster, const ScratchDirectory& directory) {
  const Finished imported = cluster.Caviar(
      {"dataset", "import", "--data", kLetters, "--target", "Letter", "--name", "letters"});
  EXPECT_EQ(imported.exit_code, 0) << imported.error;
  std::vector<std::string> ids;
  for (const auto& [name, sampler, seed] :
       {std::tuple("first", "random", 7), std::tuple("second", "sobol", 8)}) {
    ids.push_back(SubmitFile(
        cluster, directory.Write(std::string(name) + ".yaml", JobFile(name, sampler, seed))));
  }
  return ids;
}

void AwaitEnd(const Cluster& cluster, const std::string& id) {
  const Finished watched = cluster.Caviar({"watch", id, "--output", "json"}, kJobSeconds);
  EXPECT_EQ(watched.exit_code, 0) << watched.error;
}

// Reads `caviar watch` until `count` measurements have been seen.
void AwaitMeasurements(Process& watch, int count) {
  for (int seen = 0; seen < count;) {
    const auto line = watch.ReadLine(kJobSeconds);
    ASSERT_TRUE(line.has_value()) << "the watch ended early";
    if (Json::parse(*line).contains("measurements")) ++seen;
  }
}

// Everything about a job that must not depend on who ran it: points, curves, values, ranks.
Json Essence(const Cluster& cluster, const std::string& id) {
  const Finished leaderboard =
      cluster.Caviar({"leaderboard", id, "--top", "1000", "--output", "json"});
  EXPECT_EQ(leaderboard.exit_code, 0) << leaderboard.error;
  const Json board = Json::parse(leaderboard.output);
  Json essence = {{"test", board.at("test")}, {"state", board.at("job").at("state")}};
  for (Json entry : board.at("entries")) {
    const Finished read = cluster.Caviar(
        {"curve", id, std::to_string(entry.at("trial").get<int>()), "--output", "json"});
    EXPECT_EQ(read.exit_code, 0) << read.error;
    Json curve = Json::parse(read.output).at("measurements");
    int epoch = 0;
    for (Json& measurement : curve) {
      EXPECT_EQ(measurement.at("epoch"), ++epoch) << "trial " << entry.at("trial");
      measurement.at("metrics").erase("seconds");
    }
    EXPECT_EQ(epoch, kEpochs) << "trial " << entry.at("trial");
    entry.erase("seconds");
    entry.erase("worker");
    entry.at("metrics").erase("seconds");
    entry["curve"] = curve;
    essence["entries"].push_back(entry);
  }
  return essence;
}

class ClusterTest : public testing::Test {
 protected:
  // What one undisturbed worker makes of both jobs.
  static std::vector<Json> Undisturbed() {
    const ScratchDirectory directory;
    Cluster cluster(directory);
    cluster.StartCoordinator();
    cluster.StartWorker("only");
    std::vector<Json> essences;
    for (const std::string& id : Submit(cluster, directory)) {
      AwaitEnd(cluster, id);
      essences.push_back(Essence(cluster, id));
    }
    EXPECT_EQ(cluster.StopWorker("only"), 0);
    EXPECT_EQ(cluster.StopCoordinator(), 0);
    return essences;
  }
};

TEST_F(ClusterTest, KilledWorkerAndCoordinatorLeaveNoTraceInTheResults) {
  const std::vector<Json> expected = Undisturbed();
  ASSERT_EQ(expected.size(), 2u);
  ASSERT_EQ(expected[0].at("entries").size(), kTrials);

  const ScratchDirectory directory;
  Cluster cluster(directory);
  cluster.StartCoordinator();
  for (const char* name : {"one", "two", "three"}) cluster.StartWorker(name);
  const std::vector<std::string> ids = Submit(cluster, directory);
  const std::string learning = SubmitFile(
      cluster,
      directory.Write("learning.yaml", JobFile("learning", "{tpe: {startup_trials: 3}}", 9) +
                                           "scheduler: {asha: {reduction_factor: 2}}\n"));
  {
    Process watch = cluster.StartCaviar({"watch", ids[0], "--output", "json"});
    AwaitMeasurements(watch, 3);
    cluster.KillWorker("one");
    AwaitMeasurements(watch, 2);
    cluster.KillCoordinator();
    cluster.StartCoordinator();
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    AwaitEnd(cluster, ids[i]);
    EXPECT_EQ(Essence(cluster, ids[i]), expected[i]);
    const Finished replayed = cluster.Caviar({"replay", ids[i]});
    EXPECT_EQ(replayed.exit_code, 0) << replayed.error;
    EXPECT_EQ(replayed.output,
              "10 points and 0 decisions of job " + ids[i] + " came out as recorded\n");
  }
  // What depends on the order in which trials end comes out of the records all the same.
  AwaitEnd(cluster, learning);
  const Finished replayed = cluster.Caviar({"replay", learning, "--output", "json"});
  EXPECT_EQ(replayed.exit_code, 0) << replayed.error;
  EXPECT_EQ(Json::parse(replayed.output).at("points"), kTrials);
  EXPECT_GE(Json::parse(replayed.output).at("decisions"), 2 * kTrials);
  EXPECT_EQ(cluster.StopWorker("two"), 0);
  EXPECT_EQ(cluster.StopWorker("three"), 0);
  EXPECT_EQ(cluster.StopCoordinator(), 0);
}

}  // namespace
}  // namespace caviar::e2e
