// Writing a checkpoint: every rank what it owns, rank 0 the rest.
#pragma once

#include <string>

#include "executor/checkpoint/manifest.h"
#include "executor/communication/communicator.h"
#include "executor/parameters/parameter_store.h"

namespace galvatron {

struct CheckpointSave {
  const Plan& plan;
  const LayerGraph& graph;
  std::string folder;  // all ranks see the same one
  TrainingState state;
  std::optional<std::int64_t> before = {};  // the step of an intact checkpoint to keep beside it
};

// Returns the path of the new checkpoint, which is complete and on disk on every rank's return.
// Collective over `world`, the ranks of the plan.
// Throws ExecutorError (checkpoint) if something cannot be written.
std::string save_checkpoint(const CheckpointSave& what, const ParameterStore& store,
                            Communicator& world);

}  // namespace galvatron
