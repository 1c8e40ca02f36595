#include "planner/cli/mistyped.h"

#include <vector>

#include "planner/files/nearest.h"

namespace galvatron {
namespace {

// Long names of the options of the command that was being read.
std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

std::vector<std::string> names_of_commands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return names;
}

}  // namespace

std::string mistyped_hint(const CLI::App& app, const CLI::ParseError&) {
  const std::vector<CLI::App*> parsed = app.get_subcommands();
  const std::vector<std::string> known =
      parsed.empty() ? names_of_commands(app) : flags_of(*parsed.front());
  for (const std::string& word : app.remaining(true)) {
    const std::string name = word.substr(0, word.find('='));
    if (const std::string hint = suggestion(name, known); !hint.empty()) return hint;
  }
  return "";
}

}  // namespace galvatron
