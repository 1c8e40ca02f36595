// `galvatron-exec train`: as a launcher of ranks (--local) or as one of them.
#pragma once

#include "executor/cli/train_arguments.h"
#include "executor/launch/rank_environment.h"

namespace galvatron {

// Starts this program again, once per device of the plan, and waits for the ranks.
// `command` is the command line without --local.
int launch_training(const TrainArguments& arguments, const std::vector<std::string>& command,
                    const Environment& environment);

// Trains as one rank. Does not return after an error: a rank that failed must end without waiting
// for the others, which MPI's shutdown would.
int run_rank(const TrainArguments& arguments, const Environment& environment);

}  // namespace galvatron
