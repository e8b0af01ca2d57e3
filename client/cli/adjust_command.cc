// caviar adjust
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/tables.h"
#include "client/cli/trial_changes.h"
#include "common/flags/flag_values.h"
#include "common/status/status_macros.h"
#include "common/text/printable.h"

namespace caviar::cli {
namespace {

struct AdjustFlags {
  std::string job;
  uint32_t trial = 0;
  std::vector<std::string> set;
  bool is_pause = false;
  bool is_resume = false;
  int64_t rollback_to = -1;  // no rollback
};

google::protobuf::Value ValueOf(const std::string& text) {
  google::protobuf::Value value;
  double number = 0;
  if (absl::SimpleAtod(text, &number)) {
    value.set_number_value(number);
  } else if (text == "true" || text == "false") {
    value.set_bool_value(text == "true");
  } else {
    value.set_string_value(text);
  }
  return value;
}

absl::StatusOr<v1::AdjustTrialRequest> RequestOf(const AdjustFlags& flags) {
  v1::AdjustTrialRequest request;
  request.set_job(flags.job);
  request.set_trial(flags.trial);
  for (const std::string& assignment : flags.set) {
    const size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == assignment.size()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--set: must be a hyperparameter and its new value, as in learning_rate=1e-3; got \"",
          assignment, "\""));
    }
    (*request.mutable_set()->mutable_fields())[assignment.substr(0, equals)] =
        ValueOf(assignment.substr(equals + 1));
  }
  if (flags.is_pause) request.set_action(v1::AdjustTrialRequest::PAUSE);
  if (flags.is_resume) request.set_action(v1::AdjustTrialRequest::RESUME);
  if (flags.rollback_to >= 0) {
    request.set_rollback_to_epoch(static_cast<uint32_t>(flags.rollback_to));
  }
  if (flags.set.empty() && !flags.is_pause && !flags.is_resume && flags.rollback_to < 0) {
    return absl::InvalidArgumentError(
        "nothing to do; give --set NAME=VALUE, --pause, --resume or --rollback-to EPOCH");
  }
  return request;
}

absl::StatusOr<int> Adjust(const AdjustFlags& flags, CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(const v1::AdjustTrialRequest request, RequestOf(flags));
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  CAVIAR_ASSIGN_OR_RETURN(const v1::Trial trial, client->AdjustTrial(request));
  const OutputFormat format = FormatOf(context);
  if (format == OutputFormat::kTable) {
    context.console.out << Printable(TrialSentence(trial)) << "\n";
    return kDone;
  }
  v1::ListTrialsResponse row;
  *row.add_trials() = trial;
  Print(context.console, format, trial, TrialsTable(row, true));
  return kDone;
}

}  // namespace

void AddAdjustCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command = AddCommand(
      app, "adjust", "Change a trial under way: its settings, a pause, back to an earlier epoch",
      "caviar adjust letters 1 --set learning_rate=1e-3 --rollback-to 40");
  const auto flags = std::make_shared<AdjustFlags>();
  AddJobArgument(*command, flags->job);
  command->add_option("TRIAL", flags->trial, "The trial's number")
      ->required()
      ->check(WholeNumber(1, std::numeric_limits<uint32_t>::max()));
  command
      ->add_option("--set", flags->set,
                   "A new value from the next epoch on, as in dropout=0.2; repeatable")
      ->allow_extra_args(false)
      ->option_text("K=V");
  auto* const pause =
      command->add_flag("--pause", flags->is_pause, "Checkpoint, and wait until --resume");
  command->add_flag("--resume", flags->is_resume, "Go on after --pause")->excludes(pause);
  command
      ->add_option("--rollback-to", flags->rollback_to,
                   "Forget what was trained past this epoch; 0 starts anew")
      ->check(WholeNumber(0, std::numeric_limits<uint32_t>::max()))
      ->option_text("EPOCH");
  AddServerFlag(*command, context);
  AddOutputFlag(*command, context);
  command->callback([flags, &context] {
    context.action = [flags, &context] { return Adjust(*flags, context); };
  });
}

}  // namespace caviar::cli
