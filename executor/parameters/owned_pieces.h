// Every element of the model belongs to exactly one rank of the cluster, although many may hold a
// copy. What has to count or write each element once asks here.
//
// Of copies the owner is data rank 0 (ZeRO 0), tensor rank 0 (parameters that the tensor axis does
// not split) and the first stage that holds a tied table.
#pragma once

#include <string>
#include <vector>

#include "executor/weights/slice.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"

namespace galvatron {

struct OwnedPiece {
  int layer = 0;
  int unit = 0;
  int parameter = 0;
  ElementRange shard;      // where it lies in updated_weights and updated_gradient of the unit
  ElementRanges elements;  // of the whole parameter; fewer than the shard has where that is padded
};

std::vector<OwnedPiece> owned_pieces(const Plan& plan, const LayerGraph& graph, int rank);

}  // namespace galvatron
