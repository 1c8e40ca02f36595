// A step as a Chrome trace: one process per stage, one lane in it per stream. The simulator's
// timeline and the executor's are written alike, so that both open side by side in Perfetto.
#pragma once

#include <string>
#include <vector>

#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"
#include "planner/schedule/simulator.h"

namespace galvatron {

// The JSON that ui.perfetto.dev and chrome://tracing read, in microseconds. `timeline`: operations
// of the programs of each stage's first rank; of several steps those may come again.
// `made_by` names the trace: "predicted" or "measured".
std::string chrome_trace(const Plan& plan, const LayerGraph& graph,
                         const std::vector<Activity>& timeline, const std::string& made_by);

}  // namespace galvatron
