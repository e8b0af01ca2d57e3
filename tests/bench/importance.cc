// The importances of a job's hyperparameters by both methods, from what `caviar leaderboard JOB
// --top 1000000 --output json` prints: job.spec.space, job.spec.objective.direction, and point,
// state and value of each entry.
//
//   importance FILE [SEED]
//
// Prints a JSON object: by method, the importances by name, what single parameters explain, and the
// milliseconds that it took. An error of a method is its message.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "caviar/v1/search_service.pb.h"
#include "common/status/check.h"
#include "coordinator/search/importance_fanova.h"
#include "coordinator/search/importance_ped_anova.h"
#include "google/protobuf/util/json_util.h"

namespace caviar::bench {
namespace {

using Method = std::function<absl::StatusOr<search::Importance>()>;

v1::Leaderboard ReadLeaderboard(const char* path) {
  std::ifstream file(path);
  CAVIAR_CHECK(file.good()) << "cannot read " << path;
  const std::string json(std::istreambuf_iterator<char>(file), {});
  v1::Leaderboard leaderboard;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &leaderboard);
  CAVIAR_CHECK(status.ok()) << path << ": " << std::string(status.message());
  return leaderboard;
}

search::Observations ObservationsOf(const search::Space& space,
                                    const v1::Leaderboard& leaderboard) {
  search::Observations observations(space, leaderboard.job().spec().objective().direction());
  uint32_t number = 0;
  for (const v1::LeaderboardEntry& entry : leaderboard.entries()) {
    observations.AddTrial(space, entry.point());
    ++number;
    if (entry.state() != v1::Trial::COMPLETED || !entry.has_value()) continue;
    observations.EndTrial(number, search::Observations::Outcome::kCompleted, entry.value(), 1);
  }
  return observations;
}

// `"NAME": {…}`.
void PrintMethod(const char* name, const Method& method) {
  const auto start = std::chrono::steady_clock::now();
  const absl::StatusOr<search::Importance> importance = method();
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  std::printf("\"%s\": {\"milliseconds\": %.3f", name, time.count());
  if (!importance.ok()) {
    std::printf(", \"error\": \"%s\"}", std::string(importance.status().message()).c_str());
    return;
  }
  if (importance->explained.has_value()) std::printf(", \"explained\": %g", *importance->explained);
  std::printf(", \"importances\": {");
  const char* comma = "";
  for (const search::ParameterImportance& parameter : importance->parameters) {
    std::printf("%s\"%s\": %.6f", comma, parameter.name.c_str(), parameter.importance);
    comma = ", ";
  }
  std::printf("}}");
}

int Main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: %s FILE [SEED]\n", argv[0]);
    return 2;
  }
  const uint64_t seed = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const v1::Leaderboard leaderboard = ReadLeaderboard(argv[1]);
  const absl::StatusOr<search::Space> space =
      search::Space::Create(leaderboard.job().spec().space());
  CAVIAR_CHECK_OK(space.status());
  const search::Observations observations = ObservationsOf(*space, leaderboard);
  std::printf("{");
  PrintMethod("ped_anova", [&] { return search::PedAnovaImportance(*space, observations); });
  std::printf(", ");
  PrintMethod("fanova", [&] { return search::FanovaImportance(*space, observations, seed); });
  std::printf("}\n");
  return 0;
}

}  // namespace
}  // namespace caviar::bench

int main(int argc, char** argv) { return caviar::bench::Main(argc, argv); }
