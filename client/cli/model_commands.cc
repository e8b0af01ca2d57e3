// caviar model
#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/printable.h"
#include "common/status/status_macros.h"

namespace caviar::cli {
namespace {

struct ModelFlags {
  std::string job;
  uint32_t trial = 0;
  std::string output_file;
};

absl::StatusOr<int> SaveModel(const ModelFlags& flags, CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  CAVIAR_ASSIGN_OR_RETURN(const SavedModel saved,
                          client->SaveModel(flags.job, flags.trial, flags.output_file));
  context.console.out << Printable(absl::StrCat("model of trial ", saved.trial, " saved as ",
                                                flags.output_file, " (", saved.bytes, " bytes)"))
                      << "\n";
  return kDone;
}

}  // namespace

void AddModelCommands(CLI::App& app, CommandContext& context) {
  CLI::App* command =
      AddCommand(app, "model", "Save a trial's trained network, by default the best",
                 "caviar model letters --output-file letters.safetensors");
  const auto flags = std::make_shared<ModelFlags>();
  AddJobArgument(*command, flags->job);
  command->add_option("--trial", flags->trial, "The trial's number")->option_text("N [the best]");
  command->add_option("--output-file", flags->output_file, "Where to save it")
      ->required()
      ->option_text("F");
  AddServerFlag(*command, context);
  command->callback([flags, &context] {
    context.action = [flags, &context] { return SaveModel(*flags, context); };
  });
}

}  // namespace caviar::cli
