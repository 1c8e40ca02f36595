// What the search compares with the budget instead of a plan's peak.
#pragma once

#include "cost_models/units.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"

namespace galvatron {

// All saved tensors of a stage plus the largest transient of any layer, on the stage where this is
// most: never less than the peak that price() finds (docs/decisions.md 7 and 17). A certificate
// speaks of the plans that fit by this sum; one that fits by its peak alone may be faster.
//
// Requires plan.inputs without a published profile and a plan without structure problems.
Bytes memory_bound(const Plan& plan, const LayerGraph& graph);

}  // namespace galvatron
