#include "client/cli/tables.h"

#include <gtest/gtest.h>

#include "client/cli/json.h"
#include "google/protobuf/text_format.h"

namespace caviar::cli {
namespace {

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

v1::Leaderboard ExampleBoard() {
  return Parse<v1::Leaderboard>(R"pb(
    job {
      id: 1
      name: "letters"
      state: COMPLETED
      spec {
        objective { metric: "validation_accuracy" direction: MAXIMIZE }
        budget { trials: 2 epochs: 3 }
      }
      trials { created: 2 completed: 1 infeasible: 1 }
      best_trial: 2
      best_value: 0.75
    }
    entries {
      rank: 1
      trial: 2
      value: 0.75
      state: COMPLETED
      point {
        fields {
          key: "optimizer"
          value { string_value: "adam" }
        }
        fields {
          key: "learning_rate"
          value { number_value: 0.015625 }
        }
      }
      metrics { key: "learning_rate" value: 0.0078125 }
      metrics { key: "validation_accuracy" value: 0.75 }
      epochs: 3
      seconds: 1.5
      worker: "worker-1"
    }
    entries {
      trial: 1
      state: INFEASIBLE
      point {
        fields {
          key: "zzz_unknown"
          value { bool_value: true }
        }
      }
    }
    test { accuracy: 0.5 loss: 2 }
  )pb");
}

TEST(LeaderboardTableTest, ShowsTheObjectiveAndParametersInTheTrainersOrder) {
  EXPECT_EQ(RenderTable(LeaderboardTable(ExampleBoard(), false), 0),
            "rank  trial  validation_accuracy  state       epochs  learning_rate  optimizer  "
            "zzz_unknown  seconds  worker\n"
            "   1      2                 0.75  completed        3       0.015625       adam  "
            "                 1.5  worker-1\n"
            "          1                       infeasible       0                             "
            "      true        0\n");
}

TEST(LeaderboardTableTest, TellsParametersFromMetricsInCsv) {
  EXPECT_EQ(RenderCsv(LeaderboardTable(ExampleBoard(), true)),
            "rank,trial,value,state,epochs,point.learning_rate,point.optimizer,point.zzz_unknown,"
            "metrics.learning_rate,metrics.validation_accuracy,seconds,worker\r\n"
            "1,2,0.75,completed,3,0.015625,adam,,0.0078125,0.75,1.5,worker-1\r\n"
            ",1,,infeasible,0,,,true,,,0,\r\n");
}

TEST(ToJsonTest, PrintsDefaultsBareWordsAndSnakeCaseButNotWhatIsAbsent) {
  v1::Leaderboard leaderboard = ExampleBoard();
  leaderboard.clear_job();
  leaderboard.mutable_entries()->RemoveLast();
  leaderboard.mutable_entries(0)->clear_point();
  leaderboard.mutable_entries(0)->clear_metrics();
  EXPECT_EQ(ToJsonLine(leaderboard),
            R"({"entries":[{"rank":1,"trial":2,"state":"COMPLETED","metrics":{},)"
            R"("epochs":3,"seconds":1.5,"worker":"worker-1","value":0.75}],)"
            R"("test":{"accuracy":0.5,"loss":2},)"
            R"("next_page_token":""})"
            "\n");
  v1::LeaderboardEntry infeasible;
  infeasible.set_state(v1::Trial::INFEASIBLE);
  EXPECT_EQ(ToJsonLine(infeasible),
            R"({"rank":0,"trial":0,"state":"INFEASIBLE","metrics":{},"epochs":0,"seconds":0,)"
            R"("worker":""})"
            "\n")
      << "a trial without value has no \"value\"";
}

TEST(ToJsonTest, WritesPointsAsNamesAndValues) {
  const std::string json = ToJsonLine(ExampleBoard().entries(0));
  EXPECT_NE(json.find(R"("learning_rate":0.015625)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("optimizer":"adam")"), std::string::npos) << json;
}

TEST(CurveTableTest, HasARowAnEpochAndGapsForAbsentMetrics) {
  const auto curve = Parse<v1::Curve>(R"pb(
    trial: 1
    measurements {
      epoch: 1
      metrics { key: "train_loss" value: 2 }
    }
    measurements {
      epoch: 2
      metrics { key: "train_loss" value: 1 }
      metrics { key: "validation_loss" value: 1.5 }
    }
  )pb");
  EXPECT_EQ(RenderCsv(CurveTable(curve)),
            "epoch,train_loss,validation_loss\r\n1,2,\r\n2,1,1.5\r\n");
}

TEST(CurveTableTest, SaysOnWhichEpochAChangeCameIntoForceUnlessItWasUndone) {
  const auto curve = Parse<v1::Curve>(R"pb(
    trial: 1
    measurements { epoch: 1 }
    measurements { epoch: 2 }
    measurements { epoch: 3 }
    adjustments {
      after_epoch: 1
      set {
        fields {
          key: "dropout"
          value { number_value: 0.5 }
        }
      }
      replaced {
        fields {
          key: "dropout"
          value { number_value: 0 }
        }
      }
    }
    adjustments {
      after_epoch: 3
      set {
        fields {
          key: "dropout"
          value { number_value: 0.75 }
        }
      }
      replaced {
        fields {
          key: "dropout"
          value { number_value: 0.5 }
        }
      }
    }
    adjustments { after_epoch: 2 rolled_back_from: 5 }
  )pb");
  EXPECT_EQ(RenderCsv(CurveTable(curve)),
            "epoch,changed\r\n1,\r\n2,dropout: 0 -> 0.5\r\n3,back to epoch 2 from 5\r\n");
}

TEST(TrialsTableTest, TellsOfAPersonsHandOnlyWhereThereWasOne) {
  v1::ListTrialsResponse trials;
  trials.add_trials()->set_number(1);
  EXPECT_EQ(RenderTable(TrialsTable(trials, false), 0).find("changes"), std::string::npos);
  v1::Trial& trial = *trials.add_trials();
  trial.set_number(2);
  trial.set_is_held(true);
  trial.add_adjustments()->set_after_epoch(4);
  trial.mutable_adjustments(0)->set_copied_from(7);
  EXPECT_NE(RenderTable(TrialsTable(trials, false), 0).find("held; after epoch 4 copy of trial 7"),
            std::string::npos)
      << RenderTable(TrialsTable(trials, false), 0);
}

TEST(LeaderboardTableTest, LeavesOutFactsThenParametersWhereThereIsNoRoom) {
  const std::string text = RenderTable(LeaderboardTable(ExampleBoard(), false), 80);
  EXPECT_EQ(text,
            "rank  trial  validation_accuracy  state       epochs  learning_rate  optimizer\n"
            "   1      2                 0.75  completed        3       0.015625       adam\n"
            "          1                       infeasible       0\n"
            "(3 columns hidden: zzz_unknown, seconds, worker; --output csv shows all)\n");
}

TEST(CurveTableTest, KeepsValidationBeforeLearningRateAndSeconds) {
  const auto curve = Parse<v1::Curve>(R"pb(
    trial: 1
    measurements {
      epoch: 1
      metrics { key: "learning_rate" value: 0.01 }
      metrics { key: "seconds" value: 0.00061021 }
      metrics { key: "train_accuracy" value: 0.5 }
      metrics { key: "train_loss" value: 2 }
      metrics { key: "validation_accuracy" value: 0.5 }
      metrics { key: "validation_loss" value: 1.5 }
      metrics { key: "validation_macro_f1" value: 0.5 }
    }
  )pb");
  EXPECT_EQ(RenderTable(CurveTable(curve), 80),
            "epoch  train_loss  validation_accuracy  validation_loss  validation_macro_f1\n"
            "    1           2                  0.5              1.5                  0.5\n"
            "(3 columns hidden: learning_rate, seconds, …; --output csv shows all)\n")
      << RenderTable(CurveTable(curve), 80);
}

TEST(DatasetsTableTest, NamesDataSetsInFullBeforeTheirDigests) {
  v1::ListDatasetsResponse datasets;
  v1::Dataset& dataset = *datasets.add_datasets();
  dataset.set_name("letter-recognition");
  dataset.set_digest(std::string(64, 'a'));
  dataset.mutable_preprocessing()->set_target("Letter");
  const std::string text = RenderTable(DatasetsTable(datasets), 80);
  EXPECT_NE(text.find("\nletter-recognition "), std::string::npos) << text;
  EXPECT_EQ(RenderTable(DatasetsTable(datasets), 120).find("hidden"), std::string::npos);
}

}  // namespace
}  // namespace caviar::cli
