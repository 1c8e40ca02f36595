#include "planner/cli/command.h"

#include <string>

namespace galvatron {

CLI::App& add_subcommand(CLI::App& app, const CommandText& text) {
  CLI::App& command = *app.add_subcommand(text.name, text.summary);
  command.description(std::string("Example:\n  ") + text.example + "\n\n" + text.summary);
  return command;
}

}  // namespace galvatron
