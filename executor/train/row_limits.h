// What training data a model takes.
#pragma once

#include "executor/data/dataset.h"
#include "planner/model/layer_graph.h"

namespace galvatron {

// The masking seed is left 0: which tokens of a text are masked does not change between runs.
RowLimits row_limits(const Model& model, const LayerGraph& graph);

}  // namespace galvatron
