// Jobs in one sentence.
//
// Threads: pure functions.
#ifndef CAVIAR_CLIENT_CLI_JOB_SENTENCE_H_
#define CAVIAR_CLIENT_CLI_JOB_SENTENCE_H_

#include <string>

#include "caviar/v1/job.pb.h"

namespace caviar::cli {

// "job 1 (letters)".
std::string JobLabel(const v1::Job& job);

// "job 1 (letters): completed, 40 of 40 trials, best validation_accuracy 0.9712 (trial 17)", and
// the reason of its state where there is one.
std::string JobSentence(const v1::Job& job);

// How a job ended that was not completed: "job 1 (letters) was cancelled by a user", "job 1
// (letters) failed: every trial was infeasible".
std::string BadEndSentence(const v1::Job& job);

// "job 1 (letters) had already completed". Requires: it has ended.
std::string AlreadyEndedSentence(const v1::Job& job);

}  // namespace caviar::cli

#endif  // CAVIAR_CLIENT_CLI_JOB_SENTENCE_H_
