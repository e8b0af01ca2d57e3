#include "coordinator/store/store_head.h"

#include <array>

#include "absl/cleanup/cleanup.h"
#include "common/status/status_macros.h"
#include "coordinator/store/crc32c.h"

namespace caviar::store {
namespace {

using Columns = std::array<uint64_t, 6>;

Columns ColumnsOf(const StoreHead& head) {
  return {head.store_id,      head.commit_sequence, head.records.count(),
          head.records.sum(), head.curves.count(),  head.curves.sum()};
}

uint32_t CrcOf(const Columns& columns) {
  uint32_t crc = 0;
  for (const uint64_t column : columns) {
    char bytes[8];
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(column >> (8 * i));
    crc = Crc32c(absl::string_view(bytes, sizeof(bytes)), crc);
  }
  return crc;
}

}  // namespace

absl::StatusOr<HeadTable> HeadTable::Open(SqliteDatabase& database) {
  HeadTable table;
  CAVIAR_ASSIGN_OR_RETURN(
      table.select_,
      database.Prepare("SELECT store_id, commit_sequence, record_count, record_sum, curve_count, "
                       "curve_sum, crc FROM head WHERE id = 0"));
  CAVIAR_ASSIGN_OR_RETURN(
      table.replace_,
      database.Prepare("REPLACE INTO head (id, store_id, commit_sequence, record_count, "
                       "record_sum, curve_count, curve_sum, crc) "
                       "VALUES (0, ?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  return table;
}

absl::StatusOr<StoreHead> HeadTable::Read() {
  const auto reset = absl::MakeCleanup([this] { select_.Reset(); });
  CAVIAR_ASSIGN_OR_RETURN(const bool has_row, select_.Step());
  if (!has_row) return absl::DataLossError("table head has no row");
  Columns columns;
  for (size_t i = 0; i < columns.size(); ++i) {
    columns[i] = static_cast<uint64_t>(select_.ColumnInt(static_cast<int>(i)));
  }
  if (CrcOf(columns) != select_.ColumnInt(static_cast<int>(columns.size()))) {
    return absl::DataLossError("the row of table head fails its checksum");
  }
  return StoreHead{columns[0], columns[1], RecordTally(columns[2], columns[3]),
                   RecordTally(columns[4], columns[5])};
}

absl::Status HeadTable::Write(const StoreHead& head) {
  const Columns columns = ColumnsOf(head);
  for (size_t i = 0; i < columns.size(); ++i) {
    replace_.BindInt(static_cast<int>(i) + 1, static_cast<int64_t>(columns[i]));
  }
  replace_.BindInt(static_cast<int>(columns.size()) + 1, CrcOf(columns));
  return replace_.Run();
}

}  // namespace caviar::store
