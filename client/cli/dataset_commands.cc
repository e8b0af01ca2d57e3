// caviar dataset import | list | show | delete
#include "client/cli/command.h"
#include "client/cli/data_flags.h"
#include "client/cli/import_data.h"
#include "client/cli/tables.h"
#include "common/status/status_macros.h"
#include "common/text/printable.h"

namespace caviar::cli {
namespace {

struct ImportFlags {
  DataFlags data;
  std::string name;
};

absl::StatusOr<int> ImportDataset(const ImportFlags& flags, CommandContext& context) {
  v1::DataSource source;
  CAVIAR_RETURN_IF_ERROR(ApplyDataFlags(flags.data, source));
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  // For people the decisions are the answer.
  Console& console = context.console;
  const bool is_table = FormatOf(context) == OutputFormat::kTable;
  CAVIAR_ASSIGN_OR_RETURN(
      const v1::Dataset dataset,
      ImportData(*client, source, flags.name, false, is_table ? console.out : console.err));
  if (!is_table) Print(console, FormatOf(context), dataset, DatasetTable(dataset));
  return kDone;
}

void AddImport(CLI::App& group, CommandContext& context) {
  CLI::App* command =
      AddCommand(group, "import", "Upload and import files as a data set",
                 "caviar dataset import --data letter.csv --target Letter --name letters");
  const auto flags = std::make_shared<ImportFlags>();
  AddDataFlags(*command, flags->data);
  command->get_option("--data")->required();
  command->add_option("--name", flags->name, "Name of the data set (default: the file's)")
      ->option_text("NAME");
  AddServerFlag(*command, context);
  AddOutputFlag(*command, context);
  command->callback([flags, &context] {
    context.action = [flags, &context] { return ImportDataset(*flags, context); };
  });
}

absl::StatusOr<int> ListDatasets(CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  CAVIAR_ASSIGN_OR_RETURN(const v1::ListDatasetsResponse datasets, client->ListDatasets());
  Print(context.console, FormatOf(context), datasets, DatasetsTable(datasets));
  return kDone;
}

absl::StatusOr<int> ShowDataset(const std::string& name, CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  CAVIAR_ASSIGN_OR_RETURN(const v1::Dataset dataset, client->GetDataset(name));
  Print(context.console, FormatOf(context), dataset, DatasetTable(dataset));
  return kDone;
}

absl::StatusOr<int> DeleteDataset(const std::string& name, CommandContext& context) {
  CAVIAR_ASSIGN_OR_RETURN(const auto client, ClientOf(context));
  CAVIAR_RETURN_IF_ERROR(client->DeleteDataset(name));
  context.console.out << "data set " << Printable(name) << " is deleted\n";
  return kDone;
}

}  // namespace

void AddDatasetCommands(CLI::App& app, CommandContext& context) {
  CLI::App* group =
      AddCommand(app, "dataset", "Import, list, show and delete data sets", "caviar dataset list");
  group->require_subcommand(1);
  AddImport(*group, context);

  CLI::App* list = AddCommand(*group, "list", "All data sets", "caviar dataset list");
  AddServerFlag(*list, context);
  AddOutputFlag(*list, context);
  list->callback([&context] { context.action = [&context] { return ListDatasets(context); }; });

  const auto name = std::make_shared<std::string>();
  CLI::App* show = AddCommand(*group, "show", "One data set: its columns, classes and split",
                              "caviar dataset show letters");
  show->add_option("NAME", *name, "The data set's name")->required();
  AddServerFlag(*show, context);
  AddOutputFlag(*show, context);
  show->callback([name, &context] {
    context.action = [name, &context] { return ShowDataset(*name, context); };
  });

  CLI::App* remove = AddCommand(*group, "delete", "Delete a data set that no running job uses",
                                "caviar dataset delete letters");
  remove->add_option("NAME", *name, "The data set's name")->required();
  AddServerFlag(*remove, context);
  remove->callback([name, &context] {
    context.action = [name, &context] { return DeleteDataset(*name, context); };
  });
}

}  // namespace caviar::cli
