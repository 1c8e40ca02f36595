#include "executor/cli/profile_command.h"

namespace galvatron {

CLI::App* add_profile_command(CLI::App& app, ProfileArguments& arguments) {
  CLI::App* profile = app.add_subcommand("profile", "Measures what galvatron plans with.");
  profile->require_subcommand(1);
  arguments.hardware_command = add_profile_hardware_command(*profile, arguments.hardware);
  add_profile_model_command(*profile, arguments.model);
  return profile;
}

int run_profile(ProfileArguments& arguments, const ProfileCall& call,
                const Environment& environment) {
  if (arguments.hardware_command->parsed()) {
    arguments.hardware.progress = arguments.hardware.progress || call.watched;
    return run_profile_hardware(arguments.hardware, call.command, environment);
  }
  arguments.model.shows_progress = call.watched;
  return run_profile_model(arguments.model);
}

}  // namespace galvatron
