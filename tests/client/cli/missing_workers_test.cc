#include "client/cli/missing_workers.h"

#include <gtest/gtest.h>

namespace caviar::cli {
namespace {

TEST(MissingWorkersTextTest, CountsConnectedWorkersOnly) {
  v1::ListWorkersResponse workers;
  const std::string text =
      "waiting: no worker is connected; start one with caviar-worker --coordinator h:1";
  EXPECT_EQ(MissingWorkersText(workers, "h:1"), text);
  workers.add_workers()->set_state(v1::Worker::DISCONNECTED);
  workers.add_workers()->set_state(v1::Worker::DRAINING);
  EXPECT_EQ(MissingWorkersText(workers, "h:1"), text);
  workers.add_workers()->set_state(v1::Worker::CONNECTED);
  EXPECT_EQ(MissingWorkersText(workers, "h:1"), "");
}

TEST(MayLackWorkersTest, IsOfJobsThatWantToRunAndDoNot) {
  v1::Job job;
  job.set_state(v1::Job::RUNNING);
  EXPECT_TRUE(MayLackWorkers(job));
  job.mutable_trials()->set_running(1);
  EXPECT_FALSE(MayLackWorkers(job));
  job.mutable_trials()->set_running(0);
  job.set_state(v1::Job::PAUSED);
  EXPECT_FALSE(MayLackWorkers(job));
}

}  // namespace
}  // namespace caviar::cli
