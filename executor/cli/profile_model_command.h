// `galvatron-exec profile model`: measures the layers of a model, in one process.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "executor/train/failure.h"

namespace galvatron {

struct ProfileModelArguments {
  std::string model;
  std::vector<int> tensor;  // empty: the usual degrees
  std::vector<std::int64_t> micro_batch = {1, 2, 4, 8};
  std::optional<std::int64_t> sequence;
  std::string device = "cpu";
  std::string precision = "fp32";
  bool no_dropout = false;
  double seconds_per_point = 0.6;
  std::string output;
  OutputForm form = OutputForm::text;
  bool shows_progress = false;
};

// Adds the command; the arguments are filled when `app` is parsed and must outlive it.
CLI::App* add_profile_model_command(CLI::App& app, ProfileModelArguments& arguments);

// Writes the profile and returns the exit code. Reports errors itself.
int run_profile_model(const ProfileModelArguments& arguments);

}  // namespace galvatron
