#include "coordinator/store/curve_table.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "coordinator/store/crc32c.h"
#include "coordinator/store/trial_key.h"

namespace caviar::store {
namespace {

// What statements that read whole rows select, and its columns.
constexpr char kSelect[] = "SELECT trial, epoch, metric_names, record, crc, sequence FROM curves ";
enum Column { kTrial, kEpoch, kMetricNames, kRecord, kCrc, kSequence };

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

absl::Status Damaged(const RowKey& key) {
  return absl::DataLossError(absl::StrCat("epoch ", key.epoch, " of trial ", TrialOfKey(key.trial),
                                          " of job ", JobOfKey(key.trial), " fails its checksum"));
}

// Checks the row that stands ready, tallies it, and parses its record.
absl::Status CheckRow(const SqliteStatement& row, size_t names_count, RecordTally& tally,
                      v1::CurveRecord& record) {
  const RowKey key{row.ColumnInt(kTrial), row.ColumnInt(kEpoch)};
  const uint32_t key_crc = KeyCrc(key);
  const int64_t names = row.ColumnInt(kMetricNames);
  const absl::string_view bytes = row.ColumnBytes(kRecord);
  const uint32_t crc = RowCrc(key_crc, names, bytes);
  if (crc != row.ColumnInt(kCrc) || names < 0 || static_cast<size_t>(names) >= names_count ||
      !record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      // The column repeats what the record says, for its index; the checksum covers the record.
      static_cast<int64_t>(record.sequence()) != row.ColumnInt(kSequence)) {
    return Damaged(key);
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
  const auto prepare = [&database](SqliteStatement& statement,
                                   absl::string_view sql) -> absl::Status {
    absl::StatusOr<SqliteStatement> prepared = database.Prepare(sql);
    if (!prepared.ok()) return prepared.status();
    statement = *std::move(prepared);
    return absl::OkStatus();
  };
  CAVIAR_RETURN_IF_ERROR(
      prepare(table.select_crc_, "SELECT crc FROM curves WHERE trial = ?1 AND epoch = ?2"));
  CAVIAR_RETURN_IF_ERROR(
      prepare(table.replace_,
              "REPLACE INTO curves (trial, epoch, metric_names, record, crc, sequence) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
  CAVIAR_RETURN_IF_ERROR(prepare(table.select_job_,
                                 "SELECT trial, epoch, crc FROM curves "
                                 "WHERE trial BETWEEN ?1 AND ?2 ORDER BY trial, epoch LIMIT ?3"));
  CAVIAR_RETURN_IF_ERROR(
      prepare(table.erase_, "DELETE FROM curves WHERE trial = ?1 AND epoch = ?2"));
  CAVIAR_RETURN_IF_ERROR(prepare(table.select_tail_,
                                 "SELECT trial, epoch, crc FROM curves "
                                 "WHERE trial = ?1 AND epoch > ?2"));
  CAVIAR_RETURN_IF_ERROR(
      prepare(table.erase_tail_, "DELETE FROM curves WHERE trial = ?1 AND epoch > ?2"));
  CAVIAR_RETURN_IF_ERROR(
      prepare(table.select_trial_,
              absl::StrCat(kSelect, "WHERE trial = ?1 AND epoch > ?2 ORDER BY epoch LIMIT ?3")));
  // By the index curves_by_sequence.
  CAVIAR_RETURN_IF_ERROR(
      prepare(table.select_measured_, absl::StrCat(kSelect,
                                                   "WHERE trial >> 32 = ?1 AND sequence > ?2 "
                                                   "ORDER BY sequence, trial, epoch")));
  CAVIAR_RETURN_IF_ERROR(prepare(table.scan_, kSelect));
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
  CAVIAR_ASSIGN_OR_RETURN(const std::optional<int64_t> list, IdOfNames(record, tally));
  v1::CurveRecord compact;
  compact.set_attempt(record.attempt());
  compact.set_sequence(record.sequence());
  *compact.mutable_values() = record.values();
  if (!list.has_value()) *compact.mutable_metrics() = record.metrics();
  const int64_t names = list.value_or(0);  // 0: any that exists
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
  replace_.BindInt(6, static_cast<int64_t>(record.sequence()));
  return replace_.Run();
}

absl::StatusOr<std::optional<int64_t>> CurveTable::IdOfNames(const v1::CurveRecord& record,
                                                             RecordTally& tally) {
  v1::CurveRecord names;
  *names.mutable_metrics() = record.metrics();
  std::string bytes = names.SerializeAsString();
  const auto known = ids_by_names_.find(bytes);
  if (known != ids_by_names_.end()) return known->second;
  // The empty list always gets a place: a row without names of its own means those of its list.
  if (names_by_id_.size() >= kNameListsMax && record.metrics_size() > 0) return std::nullopt;

  const int64_t id = static_cast<int64_t>(names_by_id_.size());
  CAVIAR_RETURN_IF_ERROR(names_.Put(id, bytes, tally));
  names_by_id_.push_back(std::move(names));
  ids_by_names_[std::move(bytes)] = id;
  return id;
}

absl::StatusOr<size_t> CurveTable::EraseSome(uint32_t job, size_t rows_max, RecordTally& tally) {
  std::vector<RowKey> keys;
  {
    const auto reset = absl::MakeCleanup([this] { select_job_.Reset(); });
    select_job_.BindInt(1, FirstTrialKey(job));
    select_job_.BindInt(2, LastTrialKey(job));
    select_job_.BindInt(3, static_cast<int64_t>(rows_max));
    for (;;) {
      CAVIAR_ASSIGN_OR_RETURN(const bool has_row, select_job_.Step());
      if (!has_row) break;
      keys.push_back({select_job_.ColumnInt(0), select_job_.ColumnInt(1)});
      tally.Remove(KeyCrc(keys.back()), static_cast<uint32_t>(select_job_.ColumnInt(2)));
    }
  }
  for (const RowKey& key : keys) {
    erase_.BindInt(1, key.trial);
    erase_.BindInt(2, key.epoch);
    CAVIAR_RETURN_IF_ERROR(erase_.Run());
  }
  return keys.size();
}

absl::Status CurveTable::Truncate(uint32_t job, uint32_t trial, uint32_t epochs,
                                  RecordTally& tally) {
  const auto reset = absl::MakeCleanup([this] { select_tail_.Reset(); });
  select_tail_.BindInt(1, TrialKey(job, trial));
  select_tail_.BindInt(2, epochs);
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool has_row, select_tail_.Step());
    if (!has_row) break;
    const RowKey key{select_tail_.ColumnInt(0), select_tail_.ColumnInt(1)};
    tally.Remove(KeyCrc(key), static_cast<uint32_t>(select_tail_.ColumnInt(2)));
  }
  erase_tail_.BindInt(1, TrialKey(job, trial));
  erase_tail_.BindInt(2, epochs);
  return erase_tail_.Run();
}

absl::StatusOr<v1::CurveRecord> CurveTable::RecordOf(const SqliteStatement& statement) const {
  RecordTally unused;
  v1::CurveRecord record;
  CAVIAR_RETURN_IF_ERROR(CheckRow(statement, names_by_id_.size(), unused, record));
  const int64_t trial = statement.ColumnInt(kTrial);
  record.set_job(JobOfKey(trial));
  record.set_trial(TrialOfKey(trial));
  record.set_epoch(static_cast<uint32_t>(statement.ColumnInt(kEpoch)));
  if (record.metrics_size() == 0) {
    *record.mutable_metrics() =
        names_by_id_[static_cast<size_t>(statement.ColumnInt(kMetricNames))].metrics();
  }
  return record;
}

absl::StatusOr<std::vector<v1::CurveRecord>> CurveTable::ReadCurve(uint32_t job, uint32_t trial,
                                                                   uint32_t after_epoch,
                                                                   size_t rows_max) {
  const auto reset = absl::MakeCleanup([this] { select_trial_.Reset(); });
  select_trial_.BindInt(1, TrialKey(job, trial));
  select_trial_.BindInt(2, after_epoch);
  select_trial_.BindInt(3, static_cast<int64_t>(rows_max));
  std::vector<v1::CurveRecord> curve;
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool has_row, select_trial_.Step());
    if (!has_row) return curve;
    CAVIAR_ASSIGN_OR_RETURN(curve.emplace_back(), RecordOf(select_trial_));
  }
}

absl::StatusOr<std::vector<v1::CurveRecord>> CurveTable::ReadMeasured(uint32_t job,
                                                                      uint64_t after_sequence,
                                                                      size_t rows_max) {
  const auto reset = absl::MakeCleanup([this] { select_measured_.Reset(); });
  select_measured_.BindInt(1, FirstTrialKey(job) >> 32);
  select_measured_.BindInt(2, static_cast<int64_t>(after_sequence));
  std::vector<v1::CurveRecord> rows;
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool has_row, select_measured_.Step());
    if (!has_row) return rows;
    const auto sequence = static_cast<uint64_t>(select_measured_.ColumnInt(kSequence));
    if (rows.size() >= rows_max && (rows.empty() || rows.back().sequence() != sequence)) {
      return rows;
    }
    CAVIAR_ASSIGN_OR_RETURN(rows.emplace_back(), RecordOf(select_measured_));
  }
}

absl::StatusOr<RecordTally> CurveTable::CheckAll() {
  const auto reset = absl::MakeCleanup([this] { scan_.Reset(); });
  RecordTally tally;
  CAVIAR_RETURN_IF_ERROR(
      names_.Scan(tally, [](int64_t, absl::string_view) { return absl::OkStatus(); }));
  v1::CurveRecord record;
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool has_row, scan_.Step());
    if (!has_row) return tally;
    CAVIAR_RETURN_IF_ERROR(CheckRow(scan_, names_by_id_.size(), tally, record));
  }
}

}  // namespace caviar::store
