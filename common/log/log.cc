#include "common/log/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"

namespace caviar {
namespace {

spdlog::logger& Logger() {
  // Never destroyed: other threads may log while the process exits.
  static spdlog::logger* const logger = [] {
    auto* created =
        new spdlog::logger("caviar", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    created->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
    created->flush_on(spdlog::level::debug);
    return created;
  }();
  return *logger;
}

void Log(spdlog::level::level_enum level, absl::string_view message) {
  Logger().log(level, spdlog::string_view_t(message.data(), message.size()));
}

}  // namespace

absl::Status SetLogLevel(absl::string_view level) {
  for (const char* known : {"debug", "info", "warning", "error", "off"}) {
    if (level == known) {
      Logger().set_level(spdlog::level::from_str(known));
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--log-level: must be debug, info, warning, error or off, got \"", level, "\""));
}

void LogDebug(absl::string_view message) { Log(spdlog::level::debug, message); }
void LogInfo(absl::string_view message) { Log(spdlog::level::info, message); }
void LogWarning(absl::string_view message) { Log(spdlog::level::warn, message); }
void LogError(absl::string_view message) { Log(spdlog::level::err, message); }

}  // namespace caviar
