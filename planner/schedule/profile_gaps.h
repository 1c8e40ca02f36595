// Where a plan's times go beyond what was measured.
#pragma once

#include <string>
#include <vector>

#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"

namespace galvatron {

// One sentence per layer type, degree and batch that the model profile of the plan's inputs does
// not reach, or does not hold at all; and per collective and group whose payload exceeds the
// largest that the hardware profile's table holds. Empty where nothing was measured.
std::vector<std::string> profile_gaps(const Plan& plan, const LayerGraph& graph);

}  // namespace galvatron
