// Which samples, tokens and tables a stage or a rank holds under a plan.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cost_models/redistribution.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"

namespace galvatron {

inline int stage_of_rank(const Plan& plan, int rank) { return rank / devices_per_stage(plan); }
inline int local_rank(const Plan& plan, int rank) { return rank % devices_per_stage(plan); }
inline int first_rank(const Plan& plan, int stage) { return stage * devices_per_stage(plan); }

const Strategy& strategy_of(const Plan& plan, int layer);

// The tokens of one micro-batch as `layer` counts them, on the devices of its stage.
StageTokens stage_tokens(const Plan& plan, const Layer& layer);

// The tokens of one micro-batch that one tensor group of `layer` works on.
std::int64_t group_tokens(const Plan& plan, const Layer& layer, const Strategy& strategy);

// Samples [begin, end) of the global batch.
struct SampleRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  bool operator==(const SampleRange&) const = default;
};

// What the tensor group of `rank` works on. Requires that the stage of `rank` holds `layer`.
struct LayerOnRank {
  int layer = 0;
  int rank = 0;  // global
};
SampleRange samples_of(const Plan& plan, const LayerOnRank& where, std::int64_t micro_batch);

// The groups of `layer` that `rank` belongs to, as global ranks.
RankGroup global_tensor_group(const Plan& plan, const LayerOnRank& where);
RankGroup global_data_group(const Plan& plan, const LayerOnRank& where);

// One table under one name, and the layers that use it, in the order in which they run.
struct TiedTable {
  std::string name;
  std::vector<int> layers;
  bool everywhere = false;  // on every rank of the stages that use it

  bool operator==(const TiedTable&) const = default;
};

std::vector<TiedTable> tied_tables(const LayerGraph& graph);

// Whether the layer splits and shards a table as other layers do: a tied one, not everywhere.
bool shares_table(const Layer& layer);

// The layer whose copy of the table serves all uses on one stage: the first one there.
int storing_layer(const Plan& plan, const TiedTable& table, int stage);

// The stages that hold a copy, in order.
std::vector<int> holding_stages(const Plan& plan, const TiedTable& table);

// The ranks that sum the table's gradient with `rank`, which holds it: those that hold the same
// part of it on other stages, or all that hold it.
RankGroup holders(const Plan& plan, const TiedTable& table, int rank);

}  // namespace galvatron
