// The kinds of groups that a world of ranks divides into.
#pragma once

#include <vector>

#include "cost_models/group_placement.h"
#include "cost_models/rank_group.h"

namespace galvatron {

// Groups of one size and stride that cover the world, as tensor and data groups do.
struct GroupKind {
  GroupPlacement placement;
  std::vector<RankGroup> groups;

  bool operator==(const GroupKind&) const = default;
};

// Every size that divides the world: neighbours, and ranks as far from each other as they can be.
std::vector<GroupKind> group_kinds(int ranks, int devices_per_node);

}  // namespace galvatron
