// All communication of one rank in one step, as the cost model sees it: what the program lists, and
// what every pass over a layer does inside its tensor group. The executor's own record must equal
// it.
#pragma once

#include <vector>

#include "cost_models/layer_collectives.h"
#include "planner/schedule/program.h"

namespace galvatron {

struct PredictedCollective {
  CollectiveKind kind = CollectiveKind::all_reduce;
  RankGroup group{};  // global ranks
  Bytes payload{};

  bool operator==(const PredictedCollective&) const = default;
};

// In the order of the program; what has two parts counts where it starts. Requires a plan without
// structure problems.
std::vector<PredictedCollective> predicted_ledger(const Plan& plan, const LayerGraph& graph,
                                                  int rank);

// The distinct groups of two and more ranks that anything in the plan communicates over, pairs of
// neighbouring stages included: in the order of the ranks, then of their programs.
std::vector<RankGroup> communication_groups(const Plan& plan, const LayerGraph& graph);

}  // namespace galvatron
