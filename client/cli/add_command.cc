// caviar add
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/tables.h"
#include "client/job_file/job_file.h"
#include "client/job_file/points.h"
#include "common/status/status_macros.h"

namespace caviar::cli {
namespace {

using google::protobuf::Struct;

struct AddFlags {
  std::string job;
  std::vector<std::string> points;
  std::string file;
};

absl::StatusOr<v1::AddTrialsRequest> RequestOf(const AddFlags& flags) {
  v1::AddTrialsRequest request;
  request.set_job(flags.job);
  for (const std::string& text : flags.points) {
    CAVIAR_ASSIGN_OR_RETURN(*request.add_points(), job_file::ParsePoint(text, "--point"));
  }
  if (!flags.file.empty()) {
    CAVIAR_ASSIGN_OR_RETURN(const std::string text, job_file::ReadText(flags.file));
    const std::string source = flags.file == "-" ? "standard input" : flags.file;
    CAVIAR_ASSIGN_OR_RETURN(const std::vector<Struct> points, job_file::ParsePoints(text, source));
    for (const Struct& point : points) *request.add_points() = point;
  }
  if (request.points().empty()) {
    return absl::InvalidArgumentError("there is no point; give --point or --points");
  }
  return request;
}

// Trial numbers are what a program that waits for the results needs.
absl::StatusOr<int> AddPoints(const AddFlags& flags, CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(v1::AddTrialsRequest request, RequestOf(flags));
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  CAVIAR_ASSIGN_OR_RETURN(const v1::AddTrialsResponse added, client->AddTrials(std::move(request)));
  v1::ListTrialsResponse trials;
  *trials.mutable_trials() = added.trials();
  Print(context.console, FormatOf(context), added, TrialsTable(trials, /*with_metrics=*/false));
  return kDone;
}

}  // namespace

void AddAddCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command =
      AddCommand(app, "add", "Add trials with points of your own, or of another optimizer",
                 "caviar add letters --point learning_rate=0.01,hidden_units=64 --output json");
  const auto flags = std::make_shared<AddFlags>();
  AddJobArgument(*command, flags->job);
  command
      ->add_option("--point", flags->points,
                   "A point; what it leaves out is drawn. May be given many times")
      ->allow_extra_args(false)
      ->option_text("K=V,K=V");
  command->add_option("--points", flags->file, "A JSON or YAML list of points; - is standard input")
      ->option_text("FILE");
  AddServerFlag(*command, context);
  AddOutputFlag(*command, context);
  command->callback([flags, &context] {
    context.action = [flags, &context] { return AddPoints(*flags, context); };
  });
}

}  // namespace caviar::cli
