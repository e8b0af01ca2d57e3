#include "common/flags/usage_error.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/hyperparameters/edit_distance.h"
#include "common/text/printable.h"

namespace caviar {
namespace {

// The innermost command that was recognised.
const CLI::App& CommandOf(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return *command;
}

std::string NameOf(const CLI::App& command) {
  const CLI::App* const parent = command.get_parent();
  return parent == nullptr ? command.get_name()
                           : absl::StrCat(NameOf(*parent), " ", command.get_name());
}

std::string DidYouMean(const std::string& nearest) {
  return nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?");
}

// `word` as written, --name=value.
std::string UnknownOption(const std::string& word, const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* at = &command; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back(name);
    }
  }
  const std::string option = word.substr(0, word.find('='));
  const std::string nearest =
      NearestName(option.substr(std::min(option.size(), option.find_first_not_of('-'))), names);
  return absl::StrCat("there is no option ", Printable(option),
                      DidYouMean(nearest.empty() ? "" : absl::StrCat("--", nearest)));
}

std::string UnknownWord(const std::string& word, const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* inner : command.get_subcommands({})) names.push_back(inner->get_name());
  if (names.empty()) return absl::StrCat("unexpected argument \"", Printable(word), "\"");
  const std::string full_name = NameOf(command);
  // Without the program's own name.
  const std::string group = full_name.substr(std::min(full_name.size(), full_name.find(' ')));
  return absl::StrCat("there is no command \"", absl::StripAsciiWhitespace(group),
                      group.empty() ? "" : " ", Printable(word), "\"",
                      DidYouMean(NearestName(word, names)));
}

}  // namespace

std::string UsageErrorText(const CLI::ParseError& error, const CLI::App& app) {
  const CLI::App& command = CommandOf(app);
  const std::vector<std::string> unknown = app.remaining(true);
  const auto option = std::find_if(unknown.begin(), unknown.end(), [](const std::string& word) {
    return word.size() > 1 && word[0] == '-';
  });
  std::string text;
  if (option != unknown.end()) {
    text = UnknownOption(*option, command);
  } else if (!unknown.empty()) {
    text = UnknownWord(unknown.front(), command);
  } else {
    // CLI11's messages may have several lines, of which the first says it.
    const std::string message = error.what();
    text = Printable(message.substr(0, message.find('\n')));
  }
  return absl::StrCat(text, " (see ", NameOf(command), " --help)");
}

}  // namespace caviar
