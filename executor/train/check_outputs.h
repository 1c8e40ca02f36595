// That a run can write what it will write in the end, asked before it begins.
#pragma once

#include "executor/communication/communicator.h"
#include "executor/train/train_options.h"

namespace galvatron {

// Makes the folders of --save and --export-weights, and a file in each and beside the trace, which
// goes at once. Every rank has to see the folder of checkpoints. Collective over `world`.
//
// Throws ExecutorError (checkpoint) for the folder of checkpoints, std::system_error for others.
void check_outputs(const TrainOptions& options, Communicator& world);

}  // namespace galvatron
