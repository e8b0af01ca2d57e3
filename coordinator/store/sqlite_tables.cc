#include "coordinator/store/sqlite_tables.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/file/durable_file.h"
#include "common/log/log.h"
#include "common/status/check.h"
#include "common/status/status_macros.h"
#include "coordinator/store/check_write.h"
#include "coordinator/store/sqlite_schema.h"
#include "coordinator/store/trial_key.h"

namespace caviar::store {
namespace {

// Exclusive locking: no second process can slip in, and SQLite needs no shared-memory file.
// synchronous=FULL: with NORMAL, power loss takes acknowledged commits (reliability: the log is
// synced at checkpoints only). No memory mapping: a failing disk would end us by a signal.
constexpr char kSettings[] = R"sql(
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA foreign_keys = ON;
PRAGMA synchronous = FULL;
PRAGMA mmap_size = 0;
PRAGMA temp_store = MEMORY;
)sql";

// The log is folded into the file each 16 MiB: seldom enough that most commits only append, often
// enough that a restart replays a fraction of a second.
constexpr char kAutocheckpoint[] = "PRAGMA wal_autocheckpoint = 4096";

// SQLite takes a file shorter than its smallest page for a new database.
constexpr off_t kPageBytesMin = 512;

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

bool IsCutOff(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && status.st_size > 0 && status.st_size < kPageBytesMin;
}

absl::Status CreateEmptyFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  close(fd);
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> DrawStoreId() {
  uint64_t id = 0;
  if (getrandom(&id, sizeof(id), 0) != sizeof(id)) {
    return absl::ErrnoToStatus(errno, "cannot draw a random number");
  }
  return id;
}

// Adds what to do to errors that mean damage. kInternal is one of them here: our SQL failing on
// tables that are not what they were.
absl::Status ExplainDamage(const absl::Status& status, const std::string& path) {
  if (!absl::IsDataLoss(status) && !absl::IsInternal(status)) return status;
  return absl::DataLossError(absl::StrCat(
      path, " is damaged: ", status.message(), ". It is left as it was found. To repair: put back ",
      "store.db, store.db-wal (if there is one) and store.witness from one backup; or move all ",
      "store.* files away to start with an empty store (artifacts stay)"));
}

template <typename Record>
absl::Status Parse(absl::string_view bytes, Record& record) {
  if (record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat("a ", record.GetTypeName(), " does not parse"));
}

absl::Status CheckKey(bool matches, absl::string_view table) {
  if (matches) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("a record in table ", table, " is under another's key"));
}

}  // namespace

SqliteTables::SqliteTables(SqliteDatabase database, std::string path)
    : database_(std::move(database)), path_(std::move(path)) {}

absl::StatusOr<std::unique_ptr<SqliteTables>> SqliteTables::Open(const std::string& directory,
                                                                 const std::string& vfs) {
  CAVIAR_RETURN_IF_ERROR(CreateDirectories(directory));
  const std::string path = absl::StrCat(directory, "/store.db");
  const std::string witness_path = absl::StrCat(directory, "/store.witness");
  const bool has_witness = Exists(witness_path);
  if (has_witness && !Exists(path)) {
    return ExplainDamage(absl::DataLossError("it is missing, though its witness is there"), path);
  }
  if (IsCutOff(path)) return ExplainDamage(absl::DataLossError("it is cut off"), path);
  CAVIAR_RETURN_IF_ERROR(CreateEmptyFile(path));

  CAVIAR_ASSIGN_OR_RETURN(SqliteDatabase database, SqliteDatabase::Open(path, vfs));
  std::unique_ptr<SqliteTables> tables(new SqliteTables(std::move(database), path));
  CAVIAR_RETURN_IF_ERROR(ExplainDamage(tables->CheckAndMigrate(has_witness), path));
  CAVIAR_RETURN_IF_ERROR(ExplainDamage(tables->OpenTables(), path));
  CAVIAR_RETURN_IF_ERROR(tables->MeetWitness(witness_path));

  // Folds the log into the file by new writes: if a sync failed before the restart, the log's pages
  // may be in memory alone, marked clean.
  CAVIAR_ASSIGN_OR_RETURN(const int64_t is_busy,
                          tables->database_.QueryInt("PRAGMA wal_checkpoint(TRUNCATE)"));
  CAVIAR_CHECK(is_busy == 0) << "nobody else can hold the file";
  // SQLite creates the log and takes a failing sync of the directory for success.
  CAVIAR_RETURN_IF_ERROR(SyncDirectory(directory));
  CAVIAR_RETURN_IF_ERROR(tables->database_.SetCheckpointOnClose(true));
  return tables;
}

absl::Status SqliteTables::CheckAndMigrate(bool has_witness) {
  CAVIAR_RETURN_IF_ERROR(database_.Execute(kSettings));
  const std::span<const std::string> migrations = StoreMigrations();
  CAVIAR_ASSIGN_OR_RETURN(const int version, SchemaVersion(database_, path_, migrations));
  if (version == 0 && has_witness) {
    return absl::DataLossError("it is empty, though its witness is there");
  }
  if (version > 0) {
    CAVIAR_ASSIGN_OR_RETURN(const std::string verdict,
                            database_.QueryText("PRAGMA integrity_check(1)"));
    if (verdict != "ok") return absl::DataLossError(verdict);
  }
  CAVIAR_ASSIGN_OR_RETURN(const std::string mode, database_.QueryText("PRAGMA journal_mode = WAL"));
  if (mode != "wal") {
    return absl::FailedPreconditionError(
        absl::StrCat(path_, ": SQLite cannot keep a write-ahead log here (", mode, ")"));
  }
  CAVIAR_RETURN_IF_ERROR(database_.Execute(kAutocheckpoint));
  if (version < static_cast<int>(migrations.size())) {
    if (version > 0) CAVIAR_RETURN_IF_ERROR(BackUpBeforeMigration(database_, path_, version));
    CAVIAR_RETURN_IF_ERROR(database_.Execute("BEGIN IMMEDIATE"));
    CAVIAR_RETURN_IF_ERROR(MigrateSchema(database_, version, migrations));
    if (version == 0) {
      StoreHead head;
      CAVIAR_ASSIGN_OR_RETURN(head.store_id, DrawStoreId());
      CAVIAR_ASSIGN_OR_RETURN(HeadTable table, HeadTable::Open(database_));
      CAVIAR_RETURN_IF_ERROR(table.Write(head));
    }
    CAVIAR_RETURN_IF_ERROR(database_.Execute("COMMIT"));
  }
  return VerifySchema(database_, path_, migrations);
}

absl::Status SqliteTables::OpenTables() {
  CAVIAR_ASSIGN_OR_RETURN(head_table_, HeadTable::Open(database_));
  CAVIAR_ASSIGN_OR_RETURN(engine_, RecordTable<int64_t>::Open(database_, "engine"));
  CAVIAR_ASSIGN_OR_RETURN(jobs_, RecordTable<int64_t>::Open(database_, "jobs"));
  CAVIAR_ASSIGN_OR_RETURN(deleted_, RecordTable<int64_t>::Open(database_, "deleted_jobs"));
  CAVIAR_ASSIGN_OR_RETURN(trials_, RecordTable<int64_t>::Open(database_, "trials"));
  CAVIAR_ASSIGN_OR_RETURN(datasets_, RecordTable<std::string>::Open(database_, "datasets"));
  CAVIAR_ASSIGN_OR_RETURN(curves_, CurveTable::Open(database_));
  CAVIAR_ASSIGN_OR_RETURN(head_, head_table_->Read());
  RecordTally unused;
  CAVIAR_RETURN_IF_ERROR(deleted_->Scan(unused, [this](int64_t key, absl::string_view) {
    deleted_jobs_.insert(static_cast<uint32_t>(key));
    return absl::OkStatus();
  }));
  CAVIAR_ASSIGN_OR_RETURN(const RecordTally curves, curves_->CheckAll());
  if (curves != head_.curves) {
    return absl::DataLossError("curve rows are missing, left over or from an earlier moment");
  }
  return absl::OkStatus();
}

absl::Status SqliteTables::MeetWitness(const std::string& path) {
  const absl::StatusOr<Witness::Testimony> testimony = Witness::Read(path);
  const std::string accept = absl::StrCat(
      ". It is left as it was found. To repair: put back store.db, store.db-wal (if there is one) ",
      "and store.witness from one backup; or, to go on with what store.db holds, remove ", path);
  if (absl::IsNotFound(testimony.status())) {
    if (head_.commit_sequence > 0) {
      LogWarning(absl::StrCat(path, " is not there: nobody can tell whether commits after number ",
                              head_.commit_sequence, " were lost; going on"));
    }
  } else if (absl::IsDataLoss(testimony.status())) {
    return absl::DataLossError(absl::StrCat(testimony.status().message(), accept));
  } else if (!testimony.ok()) {
    return testimony.status();
  } else if (testimony->store_id != head_.store_id) {
    return absl::DataLossError(
        absl::StrCat(path, " belongs to another store than ", path_, accept));
  } else if (testimony->commit_sequence > head_.commit_sequence) {
    return absl::DataLossError(absl::StrCat(
        path_, " ends at commit ", head_.commit_sequence, ", but its witness saw commit ",
        testimony->commit_sequence, " made durable: acknowledged changes are gone, because an ",
        "old copy was put in its place or store.db-wal was damaged or removed", accept));
  }
  CAVIAR_ASSIGN_OR_RETURN(witness_, Witness::Create(path, {head_.store_id, head_.commit_sequence}));
  return absl::OkStatus();
}

absl::StatusOr<engine::Snapshot> SqliteTables::Load() {
  engine::Snapshot snapshot;
  RecordTally tally;
  absl::Status status = ScanAll(snapshot, tally);
  if (status.ok() && tally != head_.records) {
    status = absl::DataLossError("records are missing, left over or from an earlier moment");
  }
  CAVIAR_RETURN_IF_ERROR(ExplainDamage(status, path_));
  snapshot.engine.set_commit_sequence(head_.commit_sequence);
  return snapshot;
}

absl::Status SqliteTables::ScanAll(engine::Snapshot& snapshot, RecordTally& tally) {
  CAVIAR_RETURN_IF_ERROR(engine_->Scan(tally, [&](int64_t key, absl::string_view bytes) {
    CAVIAR_RETURN_IF_ERROR(Parse(bytes, snapshot.engine));
    return CheckKey(key == 0, "engine");
  }));
  CAVIAR_RETURN_IF_ERROR(jobs_->Scan(tally, [&](int64_t key, absl::string_view bytes) {
    CAVIAR_RETURN_IF_ERROR(Parse(bytes, snapshot.jobs.emplace_back()));
    return CheckKey(key == snapshot.jobs.back().id(), "jobs");
  }));
  CAVIAR_RETURN_IF_ERROR(
      deleted_->Scan(tally, [](int64_t, absl::string_view) { return absl::OkStatus(); }));
  CAVIAR_RETURN_IF_ERROR(trials_->Scan(tally, [&](int64_t key, absl::string_view bytes) {
    if (deleted_jobs_.contains(JobOfKey(key))) return absl::OkStatus();
    CAVIAR_RETURN_IF_ERROR(Parse(bytes, snapshot.trials.emplace_back()));
    const v1::TrialRecord& trial = snapshot.trials.back();
    return CheckKey(key == TrialKey(trial.job(), trial.number()), "trials");
  }));
  return datasets_->Scan(tally, [&](const std::string& key, absl::string_view bytes) {
    CAVIAR_RETURN_IF_ERROR(Parse(bytes, snapshot.datasets.emplace_back()));
    return CheckKey(key == snapshot.datasets.back().dataset().name(), "datasets");
  });
}

absl::Status SqliteTables::Commit(std::span<const engine::Write> writes) {
  for (const engine::Write& write : writes) CAVIAR_RETURN_IF_ERROR(CheckWrite(write));
  StoreHead head = head_;
  CAVIAR_RETURN_IF_ERROR(database_.Execute("BEGIN IMMEDIATE"));
  for (const engine::Write& write : writes) CAVIAR_RETURN_IF_ERROR(Apply(write, head));
  ++head.commit_sequence;
  CAVIAR_RETURN_IF_ERROR(head_table_->Write(head));
  CAVIAR_RETURN_IF_ERROR(database_.Execute("COMMIT"));
  CAVIAR_RETURN_IF_ERROR(witness_->Record(head.commit_sequence));
  head_ = head;
  return absl::OkStatus();
}

absl::Status SqliteTables::Apply(const engine::Write& write, StoreHead& head) {
  struct Visitor {
    SqliteTables& tables;
    StoreHead& head;

    absl::Status operator()(const v1::EngineRecord& record) const {
      return tables.engine_->Put(0, record.SerializeAsString(), head.records);
    }
    absl::Status operator()(const v1::JobRecord& record) const {
      CAVIAR_RETURN_IF_ERROR(tables.FinishErasing(record.id(), head));
      return tables.jobs_->Put(record.id(), record.SerializeAsString(), head.records);
    }
    absl::Status operator()(const v1::TrialRecord& record) const {
      CAVIAR_RETURN_IF_ERROR(tables.FinishErasing(record.job(), head));
      return tables.trials_->Put(TrialKey(record.job(), record.number()),
                                 record.SerializeAsString(), head.records);
    }
    absl::Status operator()(const v1::CurveRecord& record) const {
      CAVIAR_RETURN_IF_ERROR(tables.FinishErasing(record.job(), head));
      return tables.curves_->Put(record, head.curves);
    }
    absl::Status operator()(const v1::DatasetRecord& record) const {
      return tables.datasets_->Put(record.dataset().name(), record.SerializeAsString(),
                                   head.records);
    }
    absl::Status operator()(const engine::TruncateCurve& truncation) const {
      return tables.curves_->Truncate(truncation.job, truncation.trial, truncation.epochs,
                                      head.curves);
    }
    absl::Status operator()(const engine::DeleteJobRecord& deletion) const {
      CAVIAR_RETURN_IF_ERROR(tables.jobs_->Erase(deletion.job, head.records));
      CAVIAR_RETURN_IF_ERROR(tables.deleted_->Put(deletion.job, "", head.records));
      tables.deleted_jobs_.insert(deletion.job);
      return absl::OkStatus();
    }
    absl::Status operator()(const engine::DeleteDatasetRecord& deletion) const {
      return tables.datasets_->Erase(deletion.name, head.records);
    }
  };
  return std::visit(Visitor{*this, head}, write);
}

absl::StatusOr<bool> SqliteTables::EraseDeleted() {
  if (deleted_jobs_.empty()) return false;
  StoreHead head = head_;
  CAVIAR_RETURN_IF_ERROR(database_.Execute("BEGIN IMMEDIATE"));
  for (size_t left = kErasedAtOnce; left > 0 && !deleted_jobs_.empty();) {
    CAVIAR_ASSIGN_OR_RETURN(const size_t erased, EraseSome(*deleted_jobs_.begin(), left, head));
    left -= erased;
  }
  CAVIAR_RETURN_IF_ERROR(head_table_->Write(head));
  CAVIAR_RETURN_IF_ERROR(database_.Execute("COMMIT"));
  head_ = head;
  return !deleted_jobs_.empty();
}

absl::StatusOr<size_t> SqliteTables::EraseSome(uint32_t job, size_t rows_max, StoreHead& head) {
  CAVIAR_ASSIGN_OR_RETURN(const size_t rows, curves_->EraseSome(job, rows_max, head.curves));
  if (rows == rows_max) return rows;
  CAVIAR_ASSIGN_OR_RETURN(
      const size_t trials,
      trials_->EraseSome(FirstTrialKey(job), LastTrialKey(job), rows_max - rows, head.records));
  if (rows + trials == rows_max) return rows_max;
  CAVIAR_RETURN_IF_ERROR(deleted_->Erase(job, head.records));
  deleted_jobs_.erase(job);
  return rows + trials;
}

absl::Status SqliteTables::FinishErasing(uint32_t job, StoreHead& head) {
  // The engine never uses an id again, so nobody waits for this in earnest.
  while (deleted_jobs_.contains(job)) {
    CAVIAR_RETURN_IF_ERROR(EraseSome(job, kErasedAtOnce, head).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::CurveRecord>> SqliteTables::ReadCurve(uint32_t job, uint32_t trial,
                                                                     uint32_t after_epoch,
                                                                     size_t rows_max) {
  if (deleted_jobs_.contains(job)) return std::vector<v1::CurveRecord>();
  auto curve = curves_->ReadCurve(job, trial, after_epoch, rows_max);
  if (!curve.ok()) return ExplainDamage(curve.status(), path_);
  return curve;
}

absl::StatusOr<std::vector<v1::CurveRecord>> SqliteTables::ReadMeasured(uint32_t job,
                                                                        uint64_t after_sequence,
                                                                        size_t rows_max) {
  if (deleted_jobs_.contains(job)) return std::vector<v1::CurveRecord>();
  auto rows = curves_->ReadMeasured(job, after_sequence, rows_max);
  if (!rows.ok()) return ExplainDamage(rows.status(), path_);
  return rows;
}

void SqliteTables::LeaveFilesAsTheyAre() {
  // If even this fails, closing tries to fold the log as usual, which fails or not as the disk
  // does.
  database_.SetCheckpointOnClose(false).IgnoreError();
}

}  // namespace caviar::store
