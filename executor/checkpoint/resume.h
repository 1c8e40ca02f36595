// Going on from a checkpoint: choosing one that is intact, and filling a rank's stage from it.
#pragma once

#include <functional>
#include <string>

#include "executor/checkpoint/checkpoint.h"
#include "executor/communication/communicator.h"
#include "executor/parameters/parameter_store.h"

namespace galvatron {

// The first of checkpoints_to_try(folder) whose files are all intact; the ranks share the work of
// reading them. `report` is called with what is wrong with each one that is passed over, on the
// rank that found it. Collective over `world`: all ranks get the same.
//
// Throws ExecutorError (checkpoint) on every rank if there is none.
using Report = std::function<void(const std::string& message)>;
Checkpoint choose_checkpoint(const std::string& folder, Communicator& world, const Report& report);

// Weights and optimizer of the store, whatever the plan that it was made for.
//
// Throws ExecutorError (bad input) unless the checkpoint is of `model`.
struct Resumption {
  const Checkpoint& checkpoint;
  const Model& model;
  const LayerGraph& graph;
};
void fill_from_checkpoint(const Resumption& from, ParameterStore& store);

}  // namespace galvatron
