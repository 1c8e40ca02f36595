// Transfers and sums between stages as they were, without the time for which one stage waited.
#pragma once

#include <vector>

#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"
#include "planner/schedule/simulator.h"

namespace galvatron {

// Lets everything that several stages do together begin when the last of them has come to it, as in
// a simulated step. What came before is a stage's waiting, not the work: a rank that blocks in a
// collective, or a kernel of NCCL that waits for its peer, cannot tell the two apart.
//
// `timeline`: of each stage's first rank, in the order of its program, step after step, and by one
// clock.
std::vector<Activity> without_waits(std::vector<Activity> timeline, const Plan& plan,
                                    const LayerGraph& graph);

}  // namespace galvatron
