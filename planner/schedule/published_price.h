// What a plan costs under the published cost model.
#pragma once

#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"

namespace galvatron {

// The model has one step time, which stands for both the closed form and the simulated one; a
// stage's part of it is divided by the plan's micro-batches. Requires a plan that check_structure
// and check_published find nothing wrong with.
Prediction published_price(const Plan& plan, const LayerGraph& graph);

}  // namespace galvatron
