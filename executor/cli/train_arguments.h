// The command line of `galvatron-exec train`.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "executor/train/rank_program.h"
#include "executor/train/train_options.h"
#include "planner/plan/plan.h"

namespace galvatron {

struct TrainArguments {
  std::string plan;
  bool local = false;
  bool shuffle = false;
  bool no_dropout = false;
  bool json = false;
  bool progress = false;
  bool check_ledger = false;
  std::string device = "cpu";
  std::string transport;  // empty: nccl on GPUs, else mpi
  bool tf32 = false;
  std::string schedule = "constant";
  std::string memory_limit;
  std::string profile_steps;  // A:B
  double peer_timeout = 20;   // seconds
  std::optional<double> clip_grad_norm;
  TrainOptions options;
};

// Adds the command; the arguments are filled when `app` is parsed and must outlive it.
CLI::App* add_train_command(CLI::App& app, TrainArguments& arguments);

// The options as `train` takes them. Throws ExecutorError (usage).
TrainOptions train_options(const TrainArguments& arguments);

// All but the environment. Both throw ExecutorError (usage).
RankSetup rank_setup(const TrainArguments& arguments);

// The plan with the job as the command line changes it; `note` is called with each change.
Plan with_overrides(Plan plan, const TrainArguments& arguments,
                    const std::function<void(const std::string&)>& note);

inline OutputForm output_form(const TrainArguments& arguments) {
  return arguments.json ? OutputForm::json : OutputForm::text;
}

}  // namespace galvatron
