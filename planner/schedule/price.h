// What a whole plan costs. The only pricing of plans: planning, estimating and checking use it.
#pragma once

#include "cost_models/cluster.h"
#include "cost_models/pipeline.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"
#include "planner/schedule/simulator.h"

namespace galvatron {

// Those of a plan require plan.inputs and a plan without structure problems.

// Closed form and simulation of the step, seconds per micro-batch and memory per stage; a published
// profile has its own price, and requires that check_published finds nothing either.
Prediction price(const Plan& plan, const LayerGraph& graph);

// What a step takes whatever the plan: its overhead, and the tables that lie everywhere.
Seconds constant_time(const LayerGraph& graph, const Job& job, const Cluster& cluster);

// The step event by event, for traces.
SimulatedStep simulate(const Plan& plan, const LayerGraph& graph);

// The terms of the closed form.
StageTimes stage_times(const Plan& plan, const LayerGraph& graph, int stage);
MemoryParts stage_memory(const Plan& plan, const LayerGraph& graph, int stage);

}  // namespace galvatron
