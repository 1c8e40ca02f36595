// Where a layer is priced: the hardware, the runtime, and how the devices divide into stages.
//
// Stage i holds ranks iD ... (i+1)D - 1. A cost must not depend on i, or the search could not use
// it for every stage: groups are charged where they lie worst, over all stages.
#pragma once

#include <optional>

#include "cost_models/group_placement.h"
#include "cost_models/hardware.h"
#include "cost_models/model_profile.h"
#include "cost_models/rank_group.h"
#include "cost_models/runtime.h"

namespace galvatron {

struct Cluster {
  Hardware hardware{};
  Runtime runtime{};
  std::optional<ModelProfile> profile{};  // measured layers, instead of the kernel laws
  int stages = 1;
  int devices_per_stage = 1;  // D

  bool operator==(const Cluster&) const = default;
};

// Requires an arithmetic progression.
GroupPlacement placement_of(const RankGroup& group, int devices_per_node);

// The worst placement of any of the groups of this size and stride that tile every stage:
// `stride` groups side by side in each block of size x stride ranks.
struct GroupShape {
  int size = 1;
  int stride = 1;
};
GroupPlacement stage_placement(const GroupShape& shape, const Cluster& cluster);
GroupPlacement tensor_placement(const Layout& layout, const Cluster& cluster);
GroupPlacement data_placement(const Layout& layout, const Cluster& cluster);

// Of two ranks on different stages, and of all ranks.
GroupPlacement pipeline_placement(const Cluster& cluster);
GroupPlacement world_placement(const Cluster& cluster);

}  // namespace galvatron
