// What came of a job that trains points again, and of a replay, for people and programs.
#ifndef CAVIAR_CLIENT_CLI_RERUN_PAGE_H_
#define CAVIAR_CLIENT_CLI_RERUN_PAGE_H_

#include <string>

#include "caviar/v1/search_service.pb.h"
#include "client/cli/console.h"
#include "client/cli/table.h"

namespace caviar::cli {

// A row a point, by rank.
Table RerunTable(const v1::Rerun& rerun);

// For people: the job in a sentence, the table, the findings. JSON is the message.
void PrintRerun(Console& console, OutputFormat format, const v1::Rerun& rerun);

// "repeats the best 5 points of job 3 (letters) with 10 seeds each".
std::string OriginText(const v1::Origin& origin);

// "40 points and 73 decisions of job 3 came out as recorded"; or the difference, and how many did.
std::string ReplaySentence(const v1::Replay& replay);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_RERUN_PAGE_H_
