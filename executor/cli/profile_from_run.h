// `galvatron-exec profile --from-run`: what a run teaches about the profile it was planned with.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace galvatron {

struct ProfileFromRunArguments {
  std::string log;
  std::string plan;
  std::string output;
};

// Adds the options to the command `profile` itself.
void add_profile_from_run_options(CLI::App& command, ProfileFromRunArguments& arguments);

// Writes the profile and returns the exit code. Reports errors itself.
int run_profile_from_run(const ProfileFromRunArguments& arguments);

}  // namespace galvatron
