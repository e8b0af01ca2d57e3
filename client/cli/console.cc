#include "client/cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "absl/strings/numbers.h"
#include "client/cli/json.h"

namespace caviar::cli {
namespace {

constexpr int kUsualWidth = 80;

int TerminalWidth(int descriptor) {
  winsize size = {};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  int width = 0;
  return columns != nullptr && absl::SimpleAtoi(columns, &width) && width > 0 ? width : kUsualWidth;
}

}  // namespace

Console Console::OfProcess() {
  Console console{std::cout, std::cerr};
  if (isatty(STDOUT_FILENO) != 0) console.width = TerminalWidth(STDOUT_FILENO);
  if (isatty(STDERR_FILENO) != 0) console.err_width = TerminalWidth(STDERR_FILENO);
  return console;
}

void Print(Console& console, OutputFormat format, const google::protobuf::Message& message,
           const Table& table) {
  switch (format) {
    case OutputFormat::kTable:
      console.out << RenderTable(table, console.width);
      break;
    case OutputFormat::kJson:
      console.out << ToJson(message);
      break;
    case OutputFormat::kCsv:
      console.out << RenderCsv(table);
      break;
  }
  console.out.flush();
}

}  // namespace caviar::cli
