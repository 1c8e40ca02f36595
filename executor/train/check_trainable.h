// What `train` refuses before it allocates anything.
#pragma once

#include "executor/layers/block.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"

namespace galvatron {

// Throws ExecutorError: launch if `ranks` is not the plan's number of devices; bad input, naming
// everything that is wrong, if the plan does not hold every layer once, a strategy does not fit, or
// a layer type has no block.
struct Trainable {
  const Plan& plan;
  const LayerGraph& graph;
  const BlockTable& blocks;
};
void check_trainable(const Trainable& what, int ranks);

}  // namespace galvatron
