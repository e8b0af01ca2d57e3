// caviar model | predict
#include <limits>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/interrupt.h"
#include "client/cli/output_path.h"
#include "client/cli/predict.h"
#include "common/flags/flag_values.h"
#include "common/status/status_macros.h"
#include "common/text/printable.h"

namespace caviar::cli {
namespace {

struct ModelFlags {
  std::string job;
  uint32_t trial = 0;
  std::string output_file;
};

absl::StatusOr<int> SaveModel(const ModelFlags& flags, CommandContext& context) {
  CAVIAR_RETURN_IF_ERROR(CheckOutputPath("--output-file", flags.output_file));
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  // So that what was downloaded so far is not left behind.
  const Interrupt interrupt([&client] { client->Cancel(); }, [] {});
  CAVIAR_ASSIGN_OR_RETURN(const SavedModel saved,
                          client->SaveModel(flags.job, flags.trial, flags.output_file));
  context.console.out << Printable(absl::StrCat("model of trial ", saved.trial, " saved as ",
                                                flags.output_file, " (", saved.bytes, " bytes)"))
                      << "\n";
  return kDone;
}

void AddModel(CLI::App& app, CommandContext& context) {
  CLI::App* command =
      AddCommand(app, "model", "Save a trial's trained network, by default the best",
                 "caviar model letters --output-file letters.safetensors");
  const auto flags = std::make_shared<ModelFlags>();
  AddJobArgument(*command, flags->job);
  command->add_option("--trial", flags->trial, "The trial's number")
      ->check(WholeNumber(1, std::numeric_limits<uint32_t>::max()))
      ->option_text("N [the best]");
  command->add_option("--output-file", flags->output_file, "Where to save it")
      ->required()
      ->option_text("F");
  AddServerFlag(*command, context);
  command->callback([flags, &context] {
    context.action = [flags, &context] { return SaveModel(*flags, context); };
  });
}

struct PredictFlags {
  PredictRequest request;
  std::string header = "detect";
};

absl::StatusOr<int> PredictRows(PredictFlags& flags, CommandContext& context) {
  if (flags.header == "yes") flags.request.header = v1::ImportSettings::YES;
  if (flags.header == "no") flags.request.header = v1::ImportSettings::NO;
  Console& console = context.console;
  const OutputFormat format = FormatOf(context);
  CAVIAR_ASSIGN_OR_RETURN(const PredictionsSummary summary,
                          Predict(flags.request, format, console));
  if (summary.accuracy.has_value() && format != OutputFormat::kJson) {
    (format == OutputFormat::kTable ? console.out : console.err)
        << "accuracy " << ShortNumber(*summary.accuracy) << " on "
        << Counted(summary.labelled_rows, "row") << "\n";
  }
  return kDone;
}

void AddPredict(CLI::App& app, CommandContext& context) {
  CLI::App* command =
      AddCommand(app, "predict", "Apply a saved model to rows; needs no coordinator",
                 "caviar predict --model best-model.safetensors --data new.csv --output csv");
  const auto flags = std::make_shared<PredictFlags>();
  command->add_option("--model", flags->request.model_path, "A model that run or model has saved")
      ->required()
      ->option_text("F");
  command
      ->add_option("--data", flags->request.data_path,
                   "Rows of the kind the model was trained on; the target may be missing")
      ->required()
      ->option_text("CSV");
  command->add_option("--labels", flags->request.labels_path, "IDX and NPY: the labels of --data")
      ->option_text("FILE");
  command->add_option("--header", flags->header, "Whether row 1 is a header (default: looked at)")
      ->check(OneOf({"detect", "yes", "no"}))
      ->option_text("yes|no");
  AddOutputFlag(*command, context);
  command->callback([flags, &context] {
    context.action = [flags, &context] { return PredictRows(*flags, context); };
  });
}

}  // namespace

void AddModelCommands(CLI::App& app, CommandContext& context) {
  AddModel(app, context);
  AddPredict(app, context);
}

}  // namespace caviar::cli
