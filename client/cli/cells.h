// Cells of what the coordinator's messages hold: values of points, times, seconds, digests.
//
// Threads: pure functions, but for the local time zone.
#ifndef CAVIAR_CLIENT_CLI_CELLS_H_
#define CAVIAR_CLIENT_CLI_CELLS_H_

#include <string>

#include "client/cli/table.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace caviar::cli {

// A value of a point: a number, a word, true or false.
Cell ValueCell(const google::protobuf::Value& value);
// "2026-03-01 14:05:09 CET" in the zone of this machine; UTC in ISO 8601 for programs.
Cell TimeCell(bool is_set, const google::protobuf::Timestamp& time);
// A duration (number_text.h).
Cell SecondsCell(double seconds);
// A metric of that name; `seconds` is a duration.
Cell MetricCell(const std::string& name, double value);
// A share of 1 with three decimals, so that a column of them lines up; all digits for programs.
Cell ShareCell(double share);
// The first digits, which tell two data sets apart; all for programs.
Cell DigestCell(const std::string& digest);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_CELLS_H_
