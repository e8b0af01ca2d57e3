// How fast the store makes curve rows durable, and how much of that is our own doing:
//
//   build/release/bin/store_commit_bench [DIRECTORY [SECONDS]]
//
// prints, for commits of 1, 100 and 1000 rows, rows a second of SqliteStore, of bare SQLite with
// the same settings writing the same bytes into a table without checksum, tally and witness, and
// their ratio; then how long opening and loading takes. DIRECTORY says which disk; it must not
// exist and is removed.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/check.h"
#include "coordinator/store/sqlite_database.h"
#include "coordinator/store/sqlite_store.h"
#include "tests/contract/sample_records.h"

namespace caviar::store {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Rows as many running trials send them: each next row belongs to the next of 64 trials.
class RowSource {
 public:
  v1::CurveRecord Next() {
    const uint32_t row = rows_++;
    return SampleCurveRow(1, 1 + row % kTrials, 1 + row / kTrials, row);
  }

 private:
  static constexpr uint32_t kTrials = 64;
  uint32_t rows_ = 0;
};

// Rows a second of `commit`, given batches of `size` rows that are made before the clock starts.
double Measure(int size, double seconds,
               const std::function<void(const std::vector<engine::Write>&)>& commit) {
  RowSource source;
  double spent = 0;
  int64_t rows = 0;
  while (spent < seconds) {
    std::vector<engine::Write> batch;
    for (int i = 0; i < size; ++i) batch.push_back(source.Next());
    const auto start = Clock::now();
    commit(batch);
    spent += SecondsSince(start);
    rows += size;
  }
  return static_cast<double>(rows) / spent;
}

double MeasureStore(const std::string& directory, int size, double seconds) {
  auto store = SqliteStore::Open(directory);
  CAVIAR_CHECK_OK(store.status());
  return Measure(size, seconds, [&store](const std::vector<engine::Write>& batch) {
    CAVIAR_CHECK_OK((*store)->Commit(batch));
  });
}

double MeasureBare(const std::string& directory, int size, double seconds) {
  std::filesystem::create_directories(directory);
  const std::string path = directory + "/bare.db";
  std::ofstream(path).flush();
  auto database = SqliteDatabase::Open(path, "");
  CAVIAR_CHECK_OK(database.status());
  CAVIAR_CHECK_OK(database->Execute(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL; "
      "PRAGMA wal_autocheckpoint = 4096; CREATE TABLE curves (trial INTEGER, epoch INTEGER, "
      "record BLOB, PRIMARY KEY (trial, epoch)) WITHOUT ROWID"));
  auto insert = database->Prepare("REPLACE INTO curves VALUES (?1, ?2, ?3)");
  CAVIAR_CHECK_OK(insert.status());
  return Measure(size, seconds, [&](const std::vector<engine::Write>& batch) {
    CAVIAR_CHECK_OK(database->Execute("BEGIN IMMEDIATE"));
    for (const engine::Write& write : batch) {
      const auto& row = std::get<v1::CurveRecord>(write);
      v1::CurveRecord compact;
      compact.set_attempt(row.attempt());
      compact.set_sequence(row.sequence());
      *compact.mutable_values() = row.values();
      const std::string bytes = compact.SerializeAsString();
      insert->BindInt(1, row.trial());
      insert->BindInt(2, row.epoch());
      insert->BindBlob(3, bytes);
      CAVIAR_CHECK_OK(insert->Run());
    }
    CAVIAR_CHECK_OK(database->Execute("COMMIT"));
  });
}

// How long a restart with this many trials and rows of each takes, in the store alone.
void MeasureRestart(const std::string& directory, uint32_t trials, uint32_t epochs) {
  {
    auto store = SqliteStore::Open(directory);
    CAVIAR_CHECK_OK(store.status());
    std::vector<engine::Write> batch = {SampleJob(1, 1)};
    for (uint32_t trial = 1; trial <= trials; ++trial) {
      batch.push_back(SampleTrial(1, trial, epochs));
      for (uint32_t epoch = 1; epoch <= epochs; ++epoch) {
        batch.push_back(SampleCurveRow(1, trial, epoch, epoch));
      }
      if (batch.size() < 20'000 && trial < trials) continue;
      CAVIAR_CHECK_OK((*store)->Commit(batch));
      batch.clear();
    }
  }
  auto start = Clock::now();
  auto store = SqliteStore::Open(directory);
  CAVIAR_CHECK_OK(store.status());
  const double open_seconds = SecondsSince(start);
  start = Clock::now();
  const auto snapshot = (*store)->Load();
  CAVIAR_CHECK_OK(snapshot.status());
  CAVIAR_CHECK(snapshot->trials.size() == trials);
  std::printf("%u trials of %u epochs, %.0f MiB: open %.2f s, load %.2f s\n", trials, epochs,
              static_cast<double>(std::filesystem::file_size(directory + "/store.db")) / (1 << 20),
              open_seconds, SecondsSince(start));
}

int Run(const std::string& directory, double seconds) {
  CAVIAR_CHECK(!std::filesystem::exists(directory)) << directory << " exists";
  std::printf("%12s %14s %14s %7s\n", "rows/commit", "store rows/s", "bare rows/s", "ratio");
  for (const int size : {1, 100, 1000}) {
    const double ours = MeasureStore(absl::StrCat(directory, "/store-", size), size, seconds);
    const double bare = MeasureBare(absl::StrCat(directory, "/bare-", size), size, seconds);
    std::printf("%12d %14.0f %14.0f %7.2f\n", size, ours, bare, ours / bare);
  }
  MeasureRestart(directory + "/restart", 100'000, 10);
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace caviar::store

int main(int argc, char** argv) {
  const std::string directory =
      argc > 1 ? argv[1] : (std::filesystem::temp_directory_path() / "caviar-store-bench").string();
  return caviar::store::Run(directory, argc > 2 ? std::atof(argv[2]) : 2.0);
}
