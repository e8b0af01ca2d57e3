#include "coordinator/store/curve_table.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "coordinator/store/crc32c.h"
#include "coordinator/store/trial_key.h"

namespace caviar::store {
namespace {

// Columns of the statements that read whole rows.
enum Column { kTrial, kEpoch, kMetricNames, kRecord, kCrc };

struct RowKey {
  int64_t trial = 0;
  int64_t epoch = 0;
};

uint32_t KeyCrc(const RowKey& key) {
  char bytes[16];
  for (int i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(static_cast<uint64_t>(key.trial) >> (8 * i));
    bytes[8 + i] = static_cast<char>(static_cast<uint64_t>(key.epoch) >> (8 * i));
  }
  return Crc32c(absl::string_view(bytes, sizeof(bytes)));
}

uint32_t RowCrc(uint32_t key_crc, int64_t names, absl::string_view record) {
  const uint64_t id = static_cast<uint64_t>(names);
  char bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(id >> (8 * i));
  return Crc32c(record, Crc32c(absl::string_view(bytes, sizeof(bytes)), key_crc));
}

// Checks the row that stands ready and tallies it.
absl::Status CheckRow(const SqliteStatement& row, size_t names_count, RecordTally& tally) {
  const RowKey key{row.ColumnInt(kTrial), row.ColumnInt(kEpoch)};
  const uint32_t key_crc = KeyCrc(key);
  const int64_t names = row.ColumnInt(kMetricNames);
  const uint32_t crc = RowCrc(key_crc, names, row.ColumnBytes(kRecord));
  if (crc != row.ColumnInt(kCrc) || names < 0 || static_cast<size_t>(names) >= names_count) {
    return absl::DataLossError(absl::StrCat("epoch ", key.epoch, " of trial ",
                                            TrialOfKey(key.trial), " of job ", JobOfKey(key.trial),
                                            " fails its checksum"));
  }
  tally.Add(key_crc, crc);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CurveTable> CurveTable::Open(SqliteDatabase& database) {
  CAVIAR_ASSIGN_OR_RETURN(RecordTable<int64_t> names,
                          RecordTable<int64_t>::Open(database, "metric_names"));
  CurveTable table(std::move(names));
  CAVIAR_RETURN_IF_ERROR(table.ReadNames());
  const auto prepare = [&database](SqliteStatement& statement, absl::string_view sql) {
    absl::StatusOr<SqliteStatement> prepared = database.Prepare(sql);
    if (prepared.ok()) statement = *std::move(prepared);
    return prepared.status();
  };
  CAVIAR_RETURN_IF_ERROR(
      prepare(table.select_crc_, "SELECT crc FROM curves WHERE trial = ?1 AND epoch = ?2"));
  CAVIAR_RETURN_IF_ERROR(prepare(table.replace_,
                                 "REPLACE INTO curves (trial, epoch, metric_names, record, crc) "
                                 "VALUES (?1, ?2, ?3, ?4, ?5)"));
  CAVIAR_RETURN_IF_ERROR(prepare(table.select_job_,
                                 "SELECT trial, epoch, metric_names, record, crc FROM curves "
                                 "WHERE trial BETWEEN ?1 AND ?2"));
  CAVIAR_RETURN_IF_ERROR(
      prepare(table.erase_job_, "DELETE FROM curves WHERE trial BETWEEN ?1 AND ?2"));
  CAVIAR_RETURN_IF_ERROR(prepare(table.select_tail_,
                                 "SELECT trial, epoch, metric_names, record, crc FROM curves "
                                 "WHERE trial = ?1 AND epoch > ?2"));
  CAVIAR_RETURN_IF_ERROR(
      prepare(table.erase_tail_, "DELETE FROM curves WHERE trial = ?1 AND epoch > ?2"));
  CAVIAR_RETURN_IF_ERROR(prepare(table.select_trial_,
                                 "SELECT trial, epoch, metric_names, record, crc FROM curves "
                                 "WHERE trial = ?1 ORDER BY epoch"));
  CAVIAR_RETURN_IF_ERROR(
      prepare(table.scan_, "SELECT trial, epoch, metric_names, record, crc FROM curves"));
  return table;
}

absl::Status CurveTable::ReadNames() {
  RecordTally unused;
  return names_.Scan(unused, [this](int64_t id, absl::string_view record) -> absl::Status {
    v1::CurveRecord names;
    if (id != static_cast<int64_t>(names_by_id_.size()) ||
        !names.ParseFromArray(record.data(), static_cast<int>(record.size()))) {
      return absl::DataLossError(absl::StrCat("list ", id, " of metric names is damaged"));
    }
    ids_by_names_[std::string(record)] = id;
    names_by_id_.push_back(std::move(names));
    return absl::OkStatus();
  });
}

absl::Status CurveTable::Put(const v1::CurveRecord& record, RecordTally& tally) {
  CAVIAR_ASSIGN_OR_RETURN(const int64_t names, IdOfNames(record, tally));
  v1::CurveRecord compact;
  compact.set_attempt(record.attempt());
  compact.set_sequence(record.sequence());
  *compact.mutable_values() = record.values();
  const std::string bytes = compact.SerializeAsString();

  const RowKey key{TrialKey(record.job(), record.trial()), record.epoch()};
  const uint32_t key_crc = KeyCrc(key);
  select_crc_.BindInt(1, key.trial);
  select_crc_.BindInt(2, key.epoch);
  CAVIAR_ASSIGN_OR_RETURN(const bool is_there, select_crc_.Step());
  if (is_there) tally.Remove(key_crc, static_cast<uint32_t>(select_crc_.ColumnInt(0)));
  select_crc_.Reset();

  const uint32_t crc = RowCrc(key_crc, names, bytes);
  tally.Add(key_crc, crc);
  replace_.BindInt(1, key.trial);
  replace_.BindInt(2, key.epoch);
  replace_.BindInt(3, names);
  replace_.BindBlob(4, bytes);
  replace_.BindInt(5, crc);
  return replace_.Run();
}

absl::StatusOr<int64_t> CurveTable::IdOfNames(const v1::CurveRecord& record, RecordTally& tally) {
  v1::CurveRecord names;
  *names.mutable_metrics() = record.metrics();
  std::string bytes = names.SerializeAsString();
  const auto known = ids_by_names_.find(bytes);
  if (known != ids_by_names_.end()) return known->second;

  const int64_t id = static_cast<int64_t>(names_by_id_.size());
  CAVIAR_RETURN_IF_ERROR(names_.Put(id, bytes, tally));
  names_by_id_.push_back(std::move(names));
  ids_by_names_[std::move(bytes)] = id;
  return id;
}

absl::Status CurveTable::EraseJob(uint32_t job, RecordTally& tally) {
  const auto reset = absl::MakeCleanup([this] { select_job_.Reset(); });
  select_job_.BindInt(1, FirstTrialKey(job));
  select_job_.BindInt(2, LastTrialKey(job));
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool has_row, select_job_.Step());
    if (!has_row) break;
    const RowKey key{select_job_.ColumnInt(kTrial), select_job_.ColumnInt(kEpoch)};
    tally.Remove(KeyCrc(key), static_cast<uint32_t>(select_job_.ColumnInt(kCrc)));
  }
  erase_job_.BindInt(1, FirstTrialKey(job));
  erase_job_.BindInt(2, LastTrialKey(job));
  return erase_job_.Run();
}

absl::Status CurveTable::Truncate(uint32_t job, uint32_t trial, uint32_t epochs,
                                  RecordTally& tally) {
  const auto reset = absl::MakeCleanup([this] { select_tail_.Reset(); });
  select_tail_.BindInt(1, TrialKey(job, trial));
  select_tail_.BindInt(2, epochs);
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool has_row, select_tail_.Step());
    if (!has_row) break;
    const RowKey key{select_tail_.ColumnInt(kTrial), select_tail_.ColumnInt(kEpoch)};
    tally.Remove(KeyCrc(key), static_cast<uint32_t>(select_tail_.ColumnInt(kCrc)));
  }
  erase_tail_.BindInt(1, TrialKey(job, trial));
  erase_tail_.BindInt(2, epochs);
  return erase_tail_.Run();
}

absl::StatusOr<std::vector<v1::CurveRecord>> CurveTable::Read(uint32_t job, uint32_t trial,
                                                              uint64_t after_sequence) {
  const auto reset = absl::MakeCleanup([this] { select_trial_.Reset(); });
  select_trial_.BindInt(1, TrialKey(job, trial));
  std::vector<v1::CurveRecord> curve;
  RecordTally unused;
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool has_row, select_trial_.Step());
    if (!has_row) return curve;
    CAVIAR_RETURN_IF_ERROR(CheckRow(select_trial_, names_by_id_.size(), unused));
    const absl::string_view bytes = select_trial_.ColumnBytes(kRecord);
    v1::CurveRecord record;
    if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return absl::DataLossError(
          absl::StrCat("a row of trial ", trial, " of job ", job, " does not parse"));
    }
    if (record.sequence() <= after_sequence) continue;
    record.set_job(job);
    record.set_trial(trial);
    record.set_epoch(static_cast<uint32_t>(select_trial_.ColumnInt(kEpoch)));
    *record.mutable_metrics() =
        names_by_id_[static_cast<size_t>(select_trial_.ColumnInt(kMetricNames))].metrics();
    curve.push_back(std::move(record));
  }
}

absl::StatusOr<RecordTally> CurveTable::CheckAll() {
  const auto reset = absl::MakeCleanup([this] { scan_.Reset(); });
  RecordTally tally;
  CAVIAR_RETURN_IF_ERROR(
      names_.Scan(tally, [](int64_t, absl::string_view) { return absl::OkStatus(); }));
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool has_row, scan_.Step());
    if (!has_row) return tally;
    CAVIAR_RETURN_IF_ERROR(CheckRow(scan_, names_by_id_.size(), tally));
  }
}

}  // namespace caviar::store
