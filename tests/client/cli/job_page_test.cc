#include "client/cli/job_page.h"

#include <gtest/gtest.h>

#include "google/protobuf/text_format.h"

namespace caviar::cli {
namespace {

template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

TEST(JobPageTest, ReadsLikeTheJobFile) {
  const auto job = FromText<v1::Job>(R"pb(
    id: 1
    name: "letters"
    state: RUNNING
    spec {
      dataset: "letter-recognition"
      objective { metric: "validation_accuracy" direction: MAXIMIZE }
      budget {
        trials: 4
        epochs: 1
        wall_time { seconds: 5400 }
      }
      sampler { zoom { rounds: 3 keep: 0.3 explore: 0.1 } }
      space {
        key: "learning_rate"
        value { log { min: 0.0001 max: 1 } }
      }
      fixed {
        fields {
          key: "batch_norm"
          value { bool_value: true }
        }
      }
      enqueue {
        fields {
          key: "optimizer"
          value { string_value: "adam" }
        }
        fields {
          key: "learning_rate"
          value { number_value: 0.003 }
        }
      }
      seed: 7
      max_parallel_trials: 8
    }
    sampler_choice: "zoom, because it is good"
    trials { created: 2 completed: 1 infeasible: 1 }
    epochs_done: 2
    best_trial: 2
    best_value: 0.9673333333333334
  )pb");
  EXPECT_EQ(RenderTable(JobPage(job), 0),
            "job                  1\n"
            "name                 letters\n"
            "state                running\n"
            "trials               2 of 4 done, 1 completed, 1 infeasible\n"
            "best                 0.96733 (trial 2)\n"
            "epochs               2 done\n"
            "dataset              letter-recognition\n"
            "objective            maximize validation_accuracy\n"
            "budget               4 trials of 1 epoch, at most 1h30m\n"
            "sampler              zoom: 3 rounds, keep 0.3, explore 0.1\n"
            "sampler_choice       zoom, because it is good\n"
            "space.learning_rate  log [0.0001, 1]\n"
            "fixed.batch_norm     true\n"
            "enqueue              {learning_rate: 0.003, optimizer: adam}\n"
            "seed                 7\n"
            "max_parallel_trials  8\n"
            "weight               1\n");
}

TEST(DomainTextTest, SaysWhenAParameterIsActive) {
  EXPECT_EQ(DomainText(FromText<v1::Domain>(R"pb(
              log_complement { min: 0.9 max: 0.9999 }
              when {
                key: "optimizer"
                value {
                  values { string_value: "rmsprop" }
                  values { string_value: "adam" }
                }
              })pb")),
            "log_complement [0.9, 0.9999], when optimizer is rmsprop or adam");
  EXPECT_EQ(DomainText(FromText<v1::Domain>(
                "values { values { number_value: 32 } values { number_value: 64 } }")),
            "values [32, 64]");
  EXPECT_EQ(DomainText(FromText<v1::Domain>("int { min: 1 max: 4 }")), "int [1, 4]");
}

TEST(BudgetTextTest, CountsInTheSingularToo) {
  EXPECT_EQ(BudgetText(FromText<v1::Budget>("trials: 1 epochs: 1")), "1 trial of 1 epoch");
  EXPECT_EQ(BudgetText(FromText<v1::Budget>("trials: 60 epochs: 20 total_epochs: 900")),
            "60 trials of 20 epochs, at most 900 epochs in all");
}

TEST(SamplerTextTest, LeavesOutWhatTheCoordinatorChooses) {
  EXPECT_EQ(SamplerText(FromText<v1::Sampler>("zoom {}")), "zoom");
  EXPECT_EQ(SamplerText(FromText<v1::Sampler>("grid { points: 5 }")), "grid: 5 points a range");
  EXPECT_EQ(SamplerText(FromText<v1::Sampler>("random {}")), "random");
  EXPECT_EQ(SamplerText(FromText<v1::Sampler>("tpe {}")), "tpe");
  EXPECT_EQ(SamplerText(FromText<v1::Sampler>(
                "tpe { startup_trials: 1 candidates: 24 good_share: 0.1 good_max: 25 "
                "prior_weight: 1 }")),
            "tpe: 1 startup trial, 24 candidates, good share 0.1, at most 25, prior weight 1");
  EXPECT_EQ(SamplerText(FromText<v1::Sampler>("auto {}")), "auto");
}

TEST(JobPageTest, ShowsTheSchedulerAndHowManyCameToEachRung) {
  const auto job = FromText<v1::Job>(R"pb(
    spec { scheduler { asha { reduction_factor: 4 min_epochs: 1 stopping: true } } }
    rungs { epochs: 1 trials: 20 promoted: 5 }
    rungs { epochs: 4 trials: 5 promoted: 1 }
    rungs { epochs: 16 }
    rungs { bracket: 2 epochs: 4 trials: 1 }
  )pb");
  const std::string page = RenderTable(JobPage(job), 0);
  EXPECT_NE(page.find("1 in 4 goes on, from 1 epoch on, the others stop at once"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("1 epoch: 20 trials, 5 went on"), std::string::npos) << page;
  EXPECT_NE(page.find("4 epochs: 5 trials, 1 went on"), std::string::npos) << page;
  EXPECT_EQ(page.find("16 epochs"), std::string::npos) << page;
  EXPECT_NE(page.find("bracket 2, 4 epochs: 1 trial"), std::string::npos) << page;
}

}  // namespace
}  // namespace caviar::cli
