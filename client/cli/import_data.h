// Turns files of this machine into a data set of the coordinator, and says what was decided.
//
// Threads: one owner of the client.
#ifndef CAVIAR_CLIENT_CLI_IMPORT_DATA_H_
#define CAVIAR_CLIENT_CLI_IMPORT_DATA_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "caviar/v1/job.pb.h"
#include "client/cli/search_client.h"

namespace caviar::cli {

// Before anything is started or sent: kInvalidArgument without a path or for a directory,
// kNotFound … for a file that cannot be read.
absl::Status CheckData(const v1::DataSource& source);

// `notes` gets the importer's decisions and warnings, a line each. `name` may be empty.
absl::StatusOr<v1::Dataset> ImportData(SearchClient& client, const v1::DataSource& source,
                                       const std::string& name, bool reuse_identical,
                                       std::ostream& notes);

// Imports what a job's `data` names, as the data set `dataset` (or the file's name), so that the
// spec may be submitted. Nothing for a spec without `data`.
absl::Status ImportDataOfJob(SearchClient& client, v1::JobSpec& spec, std::ostream& notes);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_IMPORT_DATA_H_
