// `galvatron-exec profile`: measures what galvatron plans with.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "executor/cli/profile_from_run.h"
#include "executor/cli/profile_hardware_command.h"
#include "executor/cli/profile_model_command.h"

namespace galvatron {

struct ProfileArguments {
  ProfileFromRunArguments from_run;
  CLI::App* command = nullptr;
  CLI::App* hardware_command = nullptr;
  CLI::App* model_command = nullptr;
  ProfileHardwareArguments hardware;
  ProfileModelArguments model;
};

// Adds the command; the arguments are filled when `app` is parsed and must outlive it.
CLI::App* add_profile_command(CLI::App& app, ProfileArguments& arguments);

// The command that was parsed, by a person who looks at standard error or not.
struct ProfileCall {
  std::vector<std::string> command;  // this program with its arguments
  bool watched = false;
};
int run_profile(ProfileArguments& arguments, const ProfileCall& call,
                const Environment& environment);

}  // namespace galvatron
