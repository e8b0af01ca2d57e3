// The coordinator's lists as tables (job_page.h: one job).
//
// Threads: pure functions.
#ifndef CAVIAR_CLIENT_CLI_TABLES_H_
#define CAVIAR_CLIENT_CLI_TABLES_H_

#include <string>

#include "caviar/v1/search_service.pb.h"
#include "client/cli/table.h"

namespace caviar::cli {

Table JobsTable(const v1::ListJobsResponse& jobs);
// Metrics of the entries only in `exact` form (CSV): people get the value, which is one of them.
Table LeaderboardTable(const v1::Leaderboard& leaderboard, bool with_metrics);
Table TrialsTable(const v1::ListTrialsResponse& trials, bool with_metrics);
// With a column for what was changed, if anything was: on the epoch that was the first to be
// trained with it. A change that was undone by a rollback is left out.
Table CurveTable(const v1::Curve& curve);
Table ImportanceTable(const v1::Importance& importance);
Table WorkersTable(const v1::ListWorkersResponse& workers);
Table DatasetsTable(const v1::ListDatasetsResponse& datasets);
Table DatasetTable(const v1::Dataset& dataset);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_TABLES_H_
