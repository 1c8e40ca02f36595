// A plan as people read it: what `galvatron show` and `galvatron plan` print.
#pragma once

#include <string>

#include "planner/cli/terminal.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"

namespace galvatron {

// "tensor 2, data 4, ZeRO 1, sequence parallel, recompute full"; "one device" where nothing is
// split.
std::string strategy_text(const Strategy& strategy);

// Job and schedule, one line per stage and run of layers, a memory bar per stage, step time and
// certificate. Ends with a line end.
std::string plan_text(const Plan& plan, const LayerGraph& graph, const Terminal& terminal);

}  // namespace galvatron
