// One job for people to read: its state, its result, and its spec in the words of the job file.
//
// Threads: pure functions.
#ifndef CAVIAR_CLIENT_CLI_JOB_PAGE_H_
#define CAVIAR_CLIENT_CLI_JOB_PAGE_H_

#include <string>

#include "caviar/v1/job.pb.h"
#include "caviar/v1/search_space.pb.h"
#include "client/cli/table.h"

namespace caviar::cli {

// Names and values.
Table JobPage(const v1::Job& job);

// "4 trials of 3 epochs, at most 9 epochs in all, at most 1h30m".
std::string BudgetText(const v1::Budget& budget);
// "zoom: 3 rounds, keep 0.3, explore 0.1"; settings that the coordinator chooses are left out.
std::string SamplerText(const v1::Sampler& sampler);
std::string SchedulerText(const v1::TrialScheduler& scheduler);
// "log_complement [0.9, 0.9999], when optimizer is rmsprop or adam".
std::string DomainText(const v1::Domain& domain);
// "{learning_rate: 0.003, optimizer: adam}", in the trainer's order.
std::string PointText(const google::protobuf::Struct& point);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_JOB_PAGE_H_
