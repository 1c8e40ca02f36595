// What one rank works with while it runs its program.
#pragma once

#include "executor/layers/block.h"
#include "executor/memory/live_bytes.h"
#include "executor/parameters/parameter_store.h"
#include "executor/run/group_table.h"

namespace galvatron {

// References to what outlives the run. The rank is that of the world communicator.
struct Stage {
  const Plan& plan;
  const LayerGraph& graph;
  const BlockTable& blocks;  // one per layer type of the graph
  ParameterStore& store;
  const GroupTable& groups;
  LiveBytes& live_bytes;
  at::Device device = at::kCPU;
};

inline int rank_of(const Stage& stage) { return stage.groups.world().rank(); }

}  // namespace galvatron
