// `galvatron-exec profile hardware`: as a launcher of ranks (--local) or as one of them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "executor/launch/rank_environment.h"
#include "executor/train/failure.h"

namespace galvatron {

struct ProfileHardwareArguments {
  int local = 0;  // ranks to start here; 0: this is one of them
  std::string name = "measured";
  std::string sizes = "4KiB:512MiB";
  std::string device = "cpu";
  std::string transport;                // empty: nccl on GPUs, else mpi
  std::vector<std::string> precisions;  // empty: the usual ones of the device
  double seconds_per_point = 0.3;
  std::string output;
  bool json = false;
  bool progress = false;
};

// Adds the command; the arguments are filled when `app` is parsed and must outlive it.
CLI::App* add_profile_hardware_command(CLI::App& app, ProfileHardwareArguments& arguments);

// Starts the ranks, or measures as one of them; rank 0 writes the profile. `command` is this
// program with its arguments. Reports errors itself.
int run_profile_hardware(const ProfileHardwareArguments& arguments,
                         const std::vector<std::string>& command, const Environment& environment);

}  // namespace galvatron
