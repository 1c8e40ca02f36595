// How long the operations of a step take, by stage and kind.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "planner/schedule/simulator.h"

namespace galvatron {

// By stage, of its first rank: the sum over all operations of a kind, per step. Of communication
// that runs beside computation the work itself, not who waits for it.
using OpTimes = std::vector<std::map<OpKind, Seconds>>;

// Of a simulated step.
OpTimes op_times(const Plan& plan, const LayerGraph& graph, const SimulatedStep& step);

// Of the steps in a Chrome trace, as galvatron-exec train --trace writes it. Throws SpecError where
// the file is no such trace of this plan.
OpTimes read_op_times(const std::string& path, const Plan& plan, const LayerGraph& graph);

}  // namespace galvatron
