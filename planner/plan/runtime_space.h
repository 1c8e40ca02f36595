// Whether the runtime of a plan has what the plan asks for.
#pragma once

#include <string>
#include <vector>

#include "planner/plan/structure.h"

namespace galvatron {

// What the runtime in the plan's inputs does not have, at the first place that asks for it: values
// of axes outside of its space, layers that differ, stages that are not equal, and what is priced
// only. Empty for a plan that it executes. Requires plan.inputs and a plan without structure
// problems.
std::vector<StructureProblem> check_runtime_space(const Plan& plan, const LayerGraph& graph);

// As many blocks on each stage, or as many layers, embedding and head counted.
bool are_equal(const std::vector<StageRange>& stages, const LayerGraph& graph);

// Whether our rank program is what runs such a plan, so that it can be simulated: our own runtime,
// and nothing that is priced only but recomputation and precision. Requires plan.inputs.
bool has_rank_program(const Plan& plan);

// Throws SpecError, of this file, for a plan without one; `command` needs it. A plan without inputs
// is ours.
void require_rank_program(const Plan& plan, const std::string& file, const std::string& command);

// What our own executor refuses by name: the axes and precisions that are priced only. Empty for a
// plan that it trains.
std::vector<StructureProblem> check_executed(const Plan& plan);

}  // namespace galvatron
