// `galvatron-exec profile`: measures what galvatron plans with.
#pragma once

#include <CLI/CLI.hpp>

#include "executor/cli/profile_model_command.h"

namespace galvatron {

struct ProfileArguments {
  CLI::App* model_command = nullptr;
  ProfileModelArguments model;
};

// Adds the command; the arguments are filled when `app` is parsed and must outlive it.
CLI::App* add_profile_command(CLI::App& app, ProfileArguments& arguments);

// Of the command that was parsed. `watched`: a person looks at standard error.
int run_profile(ProfileArguments& arguments, bool watched);

}  // namespace galvatron
