#include "coordinator/store/record_table.h"

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "coordinator/store/crc32c.h"

namespace caviar::store {
namespace {

void Bind(SqliteStatement& statement, int parameter, int64_t key) {
  statement.BindInt(parameter, key);
}
void Bind(SqliteStatement& statement, int parameter, const std::string& key) {
  statement.BindText(parameter, key);
}

void ReadKey(const SqliteStatement& statement, int64_t& key) { key = statement.ColumnInt(0); }
void ReadKey(const SqliteStatement& statement, std::string& key) {
  key = std::string(statement.ColumnBytes(0));
}

uint32_t CrcOf(int64_t key, uint32_t before) {
  char bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(static_cast<uint64_t>(key) >> (8 * i));
  return Crc32c(absl::string_view(bytes, sizeof(bytes)), before);
}
uint32_t CrcOf(const std::string& key, uint32_t before) { return Crc32c(key, before); }

template <typename Key>
uint32_t KeyCrc(const std::string& table, const Key& key) {
  return CrcOf(key, Crc32c(table));
}

}  // namespace

template <typename Key>
absl::StatusOr<RecordTable<Key>> RecordTable<Key>::Open(SqliteDatabase& database,
                                                        const std::string& name) {
  RecordTable table;
  table.name_ = name;
  CAVIAR_ASSIGN_OR_RETURN(table.select_crc_, database.Prepare(absl::StrCat("SELECT crc FROM ", name,
                                                                           " WHERE key = ?1")));
  CAVIAR_ASSIGN_OR_RETURN(
      table.replace_, database.Prepare(absl::StrCat("REPLACE INTO ", name,
                                                    " (key, record, crc) VALUES (?1, ?2, ?3)")));
  CAVIAR_ASSIGN_OR_RETURN(
      table.select_range_,
      database.Prepare(absl::StrCat("SELECT key, crc FROM ", name,
                                    " WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT ?3")));
  CAVIAR_ASSIGN_OR_RETURN(
      table.erase_range_,
      database.Prepare(absl::StrCat("DELETE FROM ", name, " WHERE key BETWEEN ?1 AND ?2")));
  CAVIAR_ASSIGN_OR_RETURN(
      table.scan_,
      database.Prepare(absl::StrCat("SELECT key, record, crc FROM ", name, " ORDER BY key")));
  return table;
}

template <typename Key>
absl::Status RecordTable<Key>::Put(const Key& key, absl::string_view record, RecordTally& tally) {
  const uint32_t key_crc = KeyCrc(name_, key);
  Bind(select_crc_, 1, key);
  CAVIAR_ASSIGN_OR_RETURN(const bool is_there, select_crc_.Step());
  if (is_there) tally.Remove(key_crc, static_cast<uint32_t>(select_crc_.ColumnInt(0)));
  select_crc_.Reset();

  const uint32_t crc = Crc32c(record, key_crc);
  tally.Add(key_crc, crc);
  Bind(replace_, 1, key);
  replace_.BindBlob(2, record);
  replace_.BindInt(3, crc);
  return replace_.Run();
}

template <typename Key>
absl::StatusOr<size_t> RecordTable<Key>::EraseSome(const Key& first, const Key& last,
                                                   size_t rows_max, RecordTally& tally) {
  const auto reset = absl::MakeCleanup([this] { select_range_.Reset(); });
  Bind(select_range_, 1, first);
  Bind(select_range_, 2, last);
  select_range_.BindInt(3, static_cast<int64_t>(rows_max));
  size_t rows = 0;
  Key key{};
  for (;; ++rows) {
    CAVIAR_ASSIGN_OR_RETURN(const bool has_row, select_range_.Step());
    if (!has_row) break;
    ReadKey(select_range_, key);
    tally.Remove(KeyCrc(name_, key), static_cast<uint32_t>(select_range_.ColumnInt(1)));
  }
  if (rows == 0) return rows;
  Bind(erase_range_, 1, first);
  Bind(erase_range_, 2, key);
  CAVIAR_RETURN_IF_ERROR(erase_range_.Run());
  return rows;
}

template <typename Key>
absl::Status RecordTable<Key>::Scan(
    RecordTally& tally,
    const std::function<absl::Status(const Key& key, absl::string_view record)>& visit) {
  const auto reset = absl::MakeCleanup([this] { scan_.Reset(); });
  for (;;) {
    CAVIAR_ASSIGN_OR_RETURN(const bool has_row, scan_.Step());
    if (!has_row) return absl::OkStatus();
    Key key;
    ReadKey(scan_, key);
    const absl::string_view record = scan_.ColumnBytes(1);
    const uint32_t key_crc = KeyCrc(name_, key);
    const uint32_t crc = Crc32c(record, key_crc);
    if (crc != scan_.ColumnInt(2)) {
      return absl::DataLossError(
          absl::StrCat("the record with key ", key, " in table ", name_, " fails its checksum"));
    }
    tally.Add(key_crc, crc);
    CAVIAR_RETURN_IF_ERROR(visit(key, record));
  }
}

template class RecordTable<int64_t>;
template class RecordTable<std::string>;

}  // namespace caviar::store
