// Holds every #include against the table of the house (docs/architecture.md): dependencies point
// one way, and the pure folders stay pure. System headers are always found by the compiler, so only
// a test can forbid them.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/tidy/source_tree.h"

namespace caviar::tidy {
namespace {

struct Room {
  std::string sentence;              // the rule, for the message
  std::vector<std::string> project;  // folders it may include, besides itself
  std::vector<std::string> foreign;  // libraries it may include, besides std, POSIX and Abseil
};

const std::vector<std::string> kCommonPure = {
    "caviar/v1",     "common/status",          "common/time", "common/random",
    "common/digest", "common/hyperparameters", "common/text"};

std::vector<std::string> With(std::vector<std::string> base, const std::vector<std::string>& more) {
  base.insert(base.end(), more.begin(), more.end());
  return base;
}

const std::map<std::string, Room>& Rooms() {
  static const auto* const rooms = new std::map<std::string, Room>{
      {"common/status", {"stands alone", {}, {}}},
      {"common/sync", {"stands alone", {}, {}}},
      {"common/time", {"needs status alone", {"common/status"}, {}}},
      {"common/random", {"needs status alone", {"common/status"}, {"Random123/", "xxhash.h"}}},
      {"common/digest", {"needs status alone", {"common/status"}, {"openssl/"}}},
      {"common/text", {"is about characters and words", {}, {}}},
      {"common/sync", {"is one annotated mutex", {}, {}}},
      {"common/log", {"needs status alone", {"common/status"}, {"spdlog/"}}},
      {"common/file", {"needs status alone", {"common/status"}, {}}},
      {"common/hyperparameters",
       {"reads the proto", {"caviar/v1", "common/status", "common/text"}, {"google/protobuf/"}}},
      {"common/data",
       {"knows files and protos, nothing of jobs",
        With(kCommonPure, {"common/file"}),
        {"google/protobuf/", "zlib.h", "nlohmann/", "boost/", "hwy/"}}},
      {"common/flags",
       {"is how command lines are read and refused",
        {"common/status", "common/text", "common/hyperparameters"},
        {"CLI/"}}},
      {"common/rpc",
       {"is the one home of gRPC settings", {"common/status", "common/text"}, {"grpc"}}},
      {"coordinator/search",
       {"is pure: values in, values out", kCommonPure, {"google/protobuf/", "boost/"}}},
      {"coordinator/schedule",
       {"is pure: values in, values out",
        With(kCommonPure, {"coordinator/search"}),
        {"google/protobuf/"}}},
      {"coordinator/engine",
       {"is pure: one Step, no I/O, clock or threads",
        With(kCommonPure, {"coordinator/search", "coordinator/schedule"}),
        {"google/protobuf/"}}},
      {"coordinator/store",
       {"keeps the engine's records",
        With(kCommonPure, {"common/file", "common/text", "common/log", "coordinator/engine"}),
        {"google/protobuf/", "sqlite3.h", "boost/crc.hpp"}}},
      {"coordinator/driver",
       {"owns thread and clock around engine and store",
        With(kCommonPure, {"common/sync", "common/log", "coordinator/engine", "coordinator/store"}),
        {"google/protobuf/"}}},
      {"coordinator/datasets",
       {"imports uploads into artifacts",
        With(kCommonPure,
             {"common/data", "common/file", "common/sync", "common/log", "coordinator/store"}),
        {"google/protobuf/"}}},
      {"coordinator/service",
       {"translates and posts, nothing else",
        With(kCommonPure,
             {"common/rpc", "common/sync", "common/log", "common/file", "coordinator/driver",
              "coordinator/datasets", "coordinator/engine", "coordinator/store"}),
        {"google/protobuf/", "grpc"}}},
      {"coordinator",
       {"wires the coordinator",
        With(kCommonPure, {"common/flags", "common/rpc", "common/sync", "common/log", "common/file",
                           "coordinator/driver", "coordinator/datasets", "coordinator/engine",
                           "coordinator/service", "coordinator/store"}),
        {"google/protobuf/", "grpc", "CLI/"}}},
      {"worker/linalg",
       {"is arithmetic alone", {"common/status", "common/log"}, {"hwy/", "cblas.h"}}},
      {"worker/nn",
       {"knows layers, no model", {"common/status", "common/random", "worker/linalg"}, {"hwy/"}}},
      {"worker/inference",
       {"runs a finished model",
        With(kCommonPure, {"common/data", "common/file", "worker/linalg", "worker/nn"}),
        {"google/protobuf/"}}},
      {"worker/train",
       {"trains one trial",
        With(kCommonPure, {"common/data", "worker/inference", "worker/linalg", "worker/nn"}),
        {"google/protobuf/"}}},
      {"worker/runtime",
       {"runs an attempt",
        With(kCommonPure, {"common/data", "common/sync", "common/log", "common/file",
                           "worker/train", "worker/linalg"}),
        {"google/protobuf/"}}},
      {"worker/session",
       {"talks to the coordinator",
        With(kCommonPure, {"common/data", "common/rpc", "common/sync", "common/log", "common/file",
                           "worker/runtime"}),
        {"google/protobuf/", "grpc"}}},
      {"worker/self_test",
       {"measures this machine",
        {"common/status", "worker/linalg", "worker/nn", "worker/train"},
        {}}},
      {"worker",
       {"wires the worker",
        With(kCommonPure, {"common/data", "common/flags", "common/rpc", "common/sync", "common/log",
                           "common/file", "worker/session", "worker/runtime", "worker/linalg",
                           "worker/self_test"}),
        {"CLI/"}}},
      {"client/job_file",
       {"reads job files", With(kCommonPure, {"common/file"}), {"google/protobuf/", "yaml-cpp/"}}},
      {"client/cli",
       {"is what a person runs",
        With(kCommonPure, {"common/data", "common/flags", "common/rpc", "common/sync", "common/log",
                           "common/file", "client/job_file", "coordinator/search",
                           "worker/inference", "worker/linalg"}),
        {"google/protobuf/", "grpc", "CLI/"}}},
  };
  return *rooms;
}

// Headers that would let a clock, a thread, randomness or a file into a pure folder.
const std::vector<std::string> kImpure = {"thread",
                                          "mutex",
                                          "condition_variable",
                                          "future",
                                          "random",
                                          "chrono",
                                          "fstream",
                                          "iostream",
                                          "filesystem",
                                          "cstdio",
                                          "unistd.h",
                                          "fcntl.h",
                                          "ctime",
                                          "time.h",
                                          "sys/",
                                          "absl/time/clock.h",
                                          "absl/synchronization/",
                                          "absl/random/"};
const std::vector<std::string> kPureRooms = {"coordinator/search", "coordinator/schedule",
                                             "coordinator/engine"};
// Pure files inside rooms that are not: the session's rules, apart from what carries them out.
const std::vector<std::string> kPureFiles = {
    "worker/runtime/attempt.",  "worker/session/backoff.", "worker/session/held_attempt.",
    "worker/session/lease.",    "worker/session/outbox.",  "worker/session/session_core.",
    "worker/session/session_e",
};
// Libraries that have rooms of their own; anything else in <> is std, POSIX or Abseil.
const std::vector<std::string> kForeign = {
    "grpc",       "google/protobuf/", "sqlite3.h", "boost/",   "yaml-cpp/", "CLI/",
    "spdlog/",    "cblas.h",          "hwy/",      "openssl/", "zlib.h",    "xxhash.h",
    "Random123/", "nlohmann/",        "libxsmm",   "libpq"};

bool StartsWithAny(const std::string& text, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return absl::StartsWith(text, prefix); });
}

std::string FolderOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

// What is wrong with including `header` from `path`, or empty.
std::string Problem(const std::string& path, const std::string& header) {
  const std::string folder = FolderOf(path);
  const auto room = Rooms().find(folder);
  if (room == Rooms().end()) return absl::StrCat("folder ", folder, " is not in the table");
  const std::string from =
      absl::StrCat(path, " includes ", header, ", but ", folder, " ", room->second.sentence);
  const bool is_pure = StartsWithAny(folder, kPureRooms) || StartsWithAny(path, kPureFiles);
  if (is_pure && StartsWithAny(header, kImpure)) return from;
  if (StartsWithAny(path, kPureFiles) && StartsWithAny(header, {"grpc", "common/file"}))
    return from;
  if (StartsWithAny(header, kForeign)) {
    return StartsWithAny(header, room->second.foreign) ? "" : from;
  }
  const bool is_project = StartsWithAny(
      header, {"common/", "coordinator/", "worker/", "client/", "caviar/v1/", "tests/"});
  if (!is_project || FolderOf(header) == folder) return "";
  const auto& allowed = room->second.project;
  return std::count(allowed.begin(), allowed.end(), FolderOf(header)) > 0 ? "" : from;
}

TEST(ArrowsTest, EveryIncludePointsTheWayOfTheTable) {
  const std::regex include(R"re(^\s*#\s*include\s*[<"]([^>"]+)[>"])re");
  for (const SourceFile& file : ReadSourceTree({".h", ".cc"})) {
    if (absl::StartsWith(file.path, "tests/")) continue;
    for (const std::string& line : file.lines) {
      std::smatch match;
      if (!std::regex_search(line, match, include)) continue;
      const std::string problem = Problem(file.path, match[1]);
      EXPECT_EQ(problem, "");
    }
  }
}

TEST(ArrowsTest, CoordinatorAndWorkerNeverMeet) {
  EXPECT_NE(Problem("coordinator/service/a.cc", "worker/nn/dense.h"), "");
  EXPECT_NE(Problem("worker/session/a.cc", "coordinator/engine/engine.h"), "");
}

TEST(ArrowsTest, PureFoldersRefuseClocksThreadsAndNetworks) {
  EXPECT_NE(Problem("coordinator/engine/a.cc", "thread"), "");
  EXPECT_NE(Problem("coordinator/search/a.cc", "absl/time/clock.h"), "");
  EXPECT_NE(Problem("coordinator/schedule/a.cc", "grpcpp/grpcpp.h"), "");
  EXPECT_EQ(Problem("coordinator/engine/a.cc", "absl/time/time.h"), "");
  EXPECT_NE(Problem("worker/session/session_core.cc", "thread"), "");
  EXPECT_NE(Problem("worker/session/outbox.h", "grpcpp/grpcpp.h"), "");
}

TEST(ArrowsTest, OneFileIncludesBlas) {
  std::vector<std::string> found;
  for (const SourceFile& file : ReadSourceTree({".h", ".cc"})) {
    for (const std::string& line : file.lines) {
      if (line == "#include <cblas.h>") found.push_back(file.path);
    }
  }
  EXPECT_EQ(found.size(), 1u) << "cblas.h belongs into one file of worker/linalg";
}

}  // namespace
}  // namespace caviar::tidy
