#include "common/hyperparameters/hyperparameters.h"

#include <gtest/gtest.h>

#include <cmath>

#include "google/protobuf/util/json_util.h"

namespace caviar {
namespace {

google::protobuf::Struct Point(const std::string& json) {
  google::protobuf::Struct point;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &point).ok()) << json;
  return point;
}

std::string ProblemsOf(const std::string& json) {
  return std::string(HyperparametersFromPoint(Point(json)).status().message());
}

TEST(HyperparametersTest, EveryOneHasADefaultInsideItsRangeAndAMeaning) {
  for (const Hyperparameter& hyperparameter : AllHyperparameters()) {
    EXPECT_FALSE(hyperparameter.range.default_value().empty()) << hyperparameter.name;
    EXPECT_FALSE(hyperparameter.range.meaning().empty()) << hyperparameter.name;
    const v1::Hyperparameters defaults = *HyperparametersFromPoint(Point("{}"));
    const auto* field = v1::Hyperparameters::descriptor()->FindFieldByName(hyperparameter.name);
    google::protobuf::Value value;
    switch (hyperparameter.kind) {
      case Hyperparameter::Kind::kReal:
        value.set_number_value(defaults.GetReflection()->GetDouble(defaults, field));
        break;
      case Hyperparameter::Kind::kInteger:
        value.set_number_value(defaults.GetReflection()->GetInt32(defaults, field));
        break;
      case Hyperparameter::Kind::kBoolean:
        value.set_bool_value(defaults.GetReflection()->GetBool(defaults, field));
        break;
      case Hyperparameter::Kind::kWord:
        value.set_string_value(hyperparameter.range.default_value());
        break;
    }
    EXPECT_TRUE(CheckHyperparameterValue(hyperparameter, value).ok()) << hyperparameter.name;
  }
}

TEST(HyperparametersTest, PointOverridesDefaults) {
  const auto result = HyperparametersFromPoint(
      Point(R"({"learning_rate": 0.5, "optimizer": "rmsprop", "batch_norm": false,
                "hidden_layers": 3, "hidden_units_2": 17})"));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->learning_rate(), 0.5);
  EXPECT_EQ(result->optimizer(), v1::Hyperparameters::RMSPROP);
  EXPECT_FALSE(result->batch_norm());
  EXPECT_EQ(result->hidden_layers(), 3);
  EXPECT_EQ(result->hidden_units(), 128);
  EXPECT_EQ(result->hidden_units_of_layer().at(2), 17);
}

TEST(HyperparametersTest, NamesEveryProblemAtOnce) {
  EXPECT_EQ(ProblemsOf(R"({"learning_rte": 1, "momentum": 1, "batch_size": 2.5,
                           "optimizer": "sgd", "batch_norm": 1})"),
            "batch_norm: must be true or false, got 1\n"
            "batch_size: must be a whole number in [1, 1048576], got 2.5\n"
            "learning_rte: no such hyperparameter; did you mean learning_rate?\n"
            "momentum: must be a number in [0, 1), got 1\n"
            "optimizer: must be a word: one of gradient_descent, momentum, nesterov, rmsprop, "
            "adam, adamw, got \"sgd\"");
}

google::protobuf::Struct StructOf(const char* name, double value) {
  google::protobuf::Struct point;
  (*point.mutable_fields())[name].set_number_value(value);
  return point;
}

TEST(HyperparametersTest, OnlyWhatShapesNothingMayBeAdjusted) {
  EXPECT_TRUE(CheckAdjustment(StructOf("learning_rate", 0.5)).ok());
  EXPECT_TRUE(CheckAdjustment(StructOf("dropout", 0)).ok());
  for (const char* name : {"hidden_units", "hidden_units_1", "batch_size", "leaky_slope"}) {
    const absl::Status status = CheckAdjustment(StructOf(name, 0.5));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(std::string(status.message()),
              absl::StrCat(name,
                           ": cannot change while a trial trains; what can: learning_rate, "
                           "momentum, beta1, beta2, epsilon, dropout, weight_decay, "
                           "learning_rate_schedule, decay_rate, step_epochs, step_factor, "
                           "warmup_epochs, label_smoothing, class_weights, gradient_clip_norm, "
                           "patience"));
  }
  EXPECT_EQ(std::string(CheckAdjustment(StructOf("learning_rte", 1)).message()),
            "learning_rte: no such hyperparameter; did you mean learning_rate?");
}

TEST(HyperparametersTest, AnAdjustedValueMustHoldInSinglePrecision) {
  EXPECT_FALSE(CheckAdjustment(StructOf("momentum", 0.9999999999)).ok());
  EXPECT_FALSE(CheckAdjustment(StructOf("epsilon", 1e-40)).ok());
  EXPECT_FALSE(CheckAdjustment(StructOf("learning_rate", 0)).ok());
  EXPECT_TRUE(CheckAdjustment(StructOf("momentum", 0.999)).ok());
}

TEST(HyperparametersTest, NotANumberIsOutsideEveryRange) {
  google::protobuf::Struct point;
  (*point.mutable_fields())["learning_rate"].set_number_value(std::nan(""));
  EXPECT_FALSE(HyperparametersFromPoint(point).ok());
}

TEST(HyperparametersTest, LayerNamesAreExact) {
  EXPECT_TRUE(FindHyperparameter("hidden_units_1").has_value());
  EXPECT_TRUE(FindHyperparameter("hidden_units_64").has_value());
  for (const char* name : {"hidden_units_0", "hidden_units_65", "hidden_units_01", "hidden_units_",
                           "hidden_units_+1", "hidden_units_of_layer"}) {
    EXPECT_FALSE(FindHyperparameter(name).has_value()) << name;
  }
}

TEST(HyperparametersTest, FarNamesGetNoSuggestion) {
  EXPECT_EQ(NearestHyperparameterName("learnin_rate"), "learning_rate");
  EXPECT_EQ(NearestHyperparameterName("colour_of_the_sky"), "");
}

}  // namespace
}  // namespace caviar
