// What must hold of a plan's axes that are priced only (PricedOnly): a part of check_structure.
#pragma once

#include <vector>

#include "planner/plan/structure.h"

namespace galvatron {

// Context and shard groups divide the data degrees, context the tokens of a sample; chunks need
// several stages under 1F1B, a layer each, and as many micro-batches as stages, or a multiple.
std::vector<StructureProblem> check_priced_only(const Plan& plan, const LayerGraph& graph);

}  // namespace galvatron
