// How long each operation of a rank program lasts when nothing else runs.
#pragma once

#include <vector>

#include "cost_models/cluster.h"
#include "cost_models/layer_setting.h"
#include "planner/schedule/simulator.h"

namespace galvatron {

// Requires plan.inputs.
Cluster cluster_of(const Plan& plan);

// How `layer` runs under the plan: what its cost is asked for with.
LayerSetting setting_of(const Plan& plan, const LayerGraph& graph, int layer);

// The program of a stage's first rank, which stands for the stage.
TimedProgram timed_program(const Plan& plan, const LayerGraph& graph, int stage);

}  // namespace galvatron
