#include "executor/cli/profile_command.h"

#include "executor/launch/exit_code.h"

namespace galvatron {

CLI::App* add_profile_command(CLI::App& app, ProfileArguments& arguments) {
  arguments.command = app.add_subcommand(
      "profile", "Measures what galvatron plans with: the hardware, a model, or what a run took.");
  arguments.command->require_subcommand(0, 1);
  add_profile_from_run_options(*arguments.command, arguments.from_run);
  arguments.hardware_command = add_profile_hardware_command(*arguments.command, arguments.hardware);
  arguments.model_command = add_profile_model_command(*arguments.command, arguments.model);
  return arguments.command;
}

int run_profile(ProfileArguments& arguments, const ProfileCall& call,
                const Environment& environment) {
  if (arguments.hardware_command->parsed()) {
    arguments.hardware.progress = arguments.hardware.progress || call.watched;
    return run_profile_hardware(arguments.hardware, call.command, environment);
  }
  if (arguments.model_command->parsed()) {
    arguments.model.shows_progress = call.watched;
    return run_profile_model(arguments.model);
  }
  if (!arguments.from_run.log.empty()) return run_profile_from_run(arguments.from_run);
  report_error(ExitCode::usage, "profile needs hardware, model or --from-run: see --help",
               OutputForm::text);
  return static_cast<int>(ExitCode::usage);
}

}  // namespace galvatron
