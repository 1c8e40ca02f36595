// Training by a plan: what `galvatron-exec train` does, as a function for programs of one's own.
#pragma once

#include <vector>

#include "executor/communication/communicator.h"
#include "executor/layers/block.h"
#include "executor/train/step_record.h"
#include "executor/train/train_options.h"
#include "planner/plan/plan.h"

namespace galvatron {

// Every rank of the plan calls this with the same arguments; `world` holds exactly these ranks.
// `blocks` computes each layer type of the model: blocks_of(plan.model) for the families, a table
// of one's own for a user's model.
//
// Rank 0 prints a line per step to stdout and writes the log. Returns the records of all steps.
// Throws ExecutorError and SpecError; an error of one rank leaves the others waiting, so that a
// program must end after it.
std::vector<StepRecord> train(Communicator& world, const Plan& plan, const BlockTable& blocks,
                              const TrainOptions& options);

}  // namespace galvatron
