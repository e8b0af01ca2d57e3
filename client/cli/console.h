// Where a command writes: results to `out`, everything else to `err`.
//
// Threads: one owner.
#ifndef CAVIAR_CLIENT_CLI_CONSOLE_H_
#define CAVIAR_CLIENT_CLI_CONSOLE_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "client/cli/table.h"
#include "google/protobuf/message.h"

namespace caviar::cli {

enum class OutputFormat { kTable, kJson, kCsv };

struct Console {
  std::ostream& out;
  std::ostream& err;
  // Columns of the terminal; 0 where the stream is none, and lines may be as long as they like.
  int width = 0;      // of `out`
  int err_width = 0;  // of `err`

  // The process's own streams; widths from the terminal, else from COLUMNS, else 80.
  static Console OfProcess();
};

// Writes the same answer in the format asked for: `table` as such or as CSV, `message` as JSON.
void Print(Console& console, OutputFormat format, const google::protobuf::Message& message,
           const Table& table);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_CONSOLE_H_
