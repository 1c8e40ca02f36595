#include "executor/cli/profile_command.h"

namespace galvatron {

CLI::App* add_profile_command(CLI::App& app, ProfileArguments& arguments) {
  CLI::App* profile = app.add_subcommand("profile", "Measures what galvatron plans with.");
  profile->require_subcommand(1);
  arguments.model_command = add_profile_model_command(*profile, arguments.model);
  return profile;
}

int run_profile(ProfileArguments& arguments, bool watched) {
  arguments.model.shows_progress = watched;
  return run_profile_model(arguments.model);
}

}  // namespace galvatron
