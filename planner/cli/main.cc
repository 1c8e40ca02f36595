#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "planner/cli/command.h"
#include "planner/cli/failure.h"
#include "planner/cli/mistyped.h"
#include "planner/cli/validators.h"

namespace galvatron {
namespace {

constexpr const char* kDescription =
    "Example:\n"
    "  galvatron plan --model config.json --hardware a100_80gb_sxm --global-batch 512 -o "
    "plan.yaml\n"
    "  galvatron show plan.yaml\n\n"
    "Plans how to train a Transformer on a cluster: data, ZeRO, tensor, sequence and pipeline\n"
    "parallelism, recomputation, stages and micro-batches, layer by layer.";

Session session_of(const std::vector<std::string>& arguments) {
  const bool json =
      std::find(arguments.begin(), arguments.end(), std::string("--json")) != arguments.end();
  return {.terminal = {.color = isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr,
                       .progress = isatty(STDERR_FILENO) == 1},
          .form = json ? OutputForm::json : OutputForm::text};
}

ExitCode refuse(const CLI::ParseError& error, const CLI::App& app, const Session& session) {
  report(ErrorReport{"usage", error.what(), mistyped_hint(app, error)}, session.form);
  return ExitCode::usage;
}

ExitCode run(int argc, char** argv) {
  const Session session = session_of({argv + 1, argv + argc});
  CLI::App app(kDescription, "galvatron");
  app.require_subcommand(1);
  app.set_version_flag("--version", GALVATRON_VERSION);
  const std::vector<Command> commands{add_plan_command(app),    add_estimate_command(app),
                                      add_sweep_command(app),   add_show_command(app),
                                      add_check_command(app),   add_diff_command(app),
                                      add_explain_command(app), add_import_command(app)};
  bool json = false;  // read from the raw arguments, so that errors in them obey it too
  for (const Command& command : commands) {
    command.app->add_flag("--json", json, "print JSON, errors too");
  }
  try {
    app.parse(argc, argv);
    const auto chosen = std::find_if(commands.begin(), commands.end(),
                                     [](const Command& command) { return command.app->parsed(); });
    require_values(*chosen->app);
    return chosen->run(session);
  } catch (const CLI::Success& success) {
    return static_cast<ExitCode>(app.exit(success));
  } catch (const CLI::ParseError& error) {
    return refuse(error, app, session);
  } catch (...) {
    return report_current_error(session.form);
  }
}

}  // namespace
}  // namespace galvatron

int main(int argc, char** argv) { return static_cast<int>(galvatron::run(argc, argv)); }
