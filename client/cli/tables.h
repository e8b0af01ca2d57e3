// The coordinator's answers as tables.
//
// Threads: pure functions.
#ifndef CAVIAR_CLIENT_CLI_TABLES_H_
#define CAVIAR_CLIENT_CLI_TABLES_H_

#include <string>

#include "caviar/v1/search_service.pb.h"
#include "client/cli/table.h"

namespace caviar::cli {

Table JobsTable(const v1::ListJobsResponse& jobs);
// Names and values.
Table JobTable(const v1::Job& job);
// Metrics of the entries only in `exact` form (CSV): people get the value, which is one of them.
Table LeaderboardTable(const v1::Leaderboard& leaderboard, bool with_metrics);
Table TrialsTable(const v1::ListTrialsResponse& trials, bool with_metrics);
Table CurveTable(const v1::Curve& curve);
Table WorkersTable(const v1::ListWorkersResponse& workers);
Table DatasetsTable(const v1::ListDatasetsResponse& datasets);
Table DatasetTable(const v1::Dataset& dataset);

// "job 1 (letters): completed, 40 of 40 trials, best validation_accuracy 0.9712 (trial 17)".
std::string JobSentence(const v1::Job& job);
// A value of a point: a number, a word.
Cell ValueCell(const google::protobuf::Value& value);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_TABLES_H_
