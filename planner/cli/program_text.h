// A rank's program as people read it: what `galvatron show --rank R` prints.
#pragma once

#include <string>

#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"
#include "planner/schedule/program.h"

namespace galvatron {

// One line per operation: number, micro-batch, what, layer, and of communication the collective,
// its ranks and its payload.
std::string program_text(const RankProgram& program, const LayerGraph& graph);

}  // namespace galvatron
