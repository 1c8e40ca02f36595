// Which gathers of a plan go ahead (cost_models/gather_ahead.h).
#pragma once

#include "cost_models/units.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"

namespace galvatron {

// Two layers in the order in which a pass comes to them: one higher forward, one lower backward.
struct PassStep {
  int computing = 0;
  int next = 0;
};

// What is gathered of the next layer while the other computes; nothing where there is no next one
// on the stage, or the hardware of the plan's inputs gains nothing by it. Requires a plan without
// structure problems.
Bytes gathered_ahead(const Plan& plan, const LayerGraph& graph, const PassStep& step);

}  // namespace galvatron
