// Where the seconds of a step go by the formula of the published cost model.
#pragma once

#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"
#include "planner/review/step_parts.h"

namespace galvatron {

// Requires a plan that the published cost model prices (see check_published).
StepParts published_parts(const Plan& plan, const LayerGraph& graph);

}  // namespace galvatron
