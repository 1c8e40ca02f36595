// What one layer costs under one strategy: the numbers that the search adds up.
//
//   forward, backward   per micro-batch: the passes (layer_passes.h), the reductions of ZeRO 2 and
//                       3, which block, and the gathers of ZeRO 3: where they go ahead
//                       (gather_ahead.h) as far as the pass does not hide them.
//   exposed_sync        once per step: the reduction over the data group (ZeRO 0 and 1) as far as
//                       the layer's last backward does not hide it; sums of token-local gradients
//                       over the tensor group and of tied tables over the stages.
//
// A layer's own pass stands for that of its neighbour, which runs beside its traffic. What has no
// neighbour is in the simulated step: the last reduction of a stage, the first gather of a pass.
//   optimizer           once per step: norm, clipping, update; ZeRO 1 and 2 gather the result.
#pragma once

#include <cstdint>

#include "cost_models/cluster.h"
#include "cost_models/layer.h"
#include "cost_models/layer_passes.h"
#include "cost_models/layer_setting.h"
#include "cost_models/memory.h"
#include "cost_models/state_cost.h"
#include "cost_models/units.h"

namespace galvatron {

struct LayerCost {
  Seconds forward{};
  Seconds backward{};  // recomputation included
  Seconds exposed_sync{};
  Seconds optimizer{};
  LayerMemory memory{};

  bool operator==(const LayerCost&) const = default;
};

// Requires that the profile knows the precision, and that the strategy divides the layer.
LayerCost layer_cost(const Layer& layer, const LayerSetting& setting, const Cluster& cluster);

// The times from those of the passes and of the states, which many settings have in common; without
// the memory.
LayerCost layer_times(const LayerPasses& passes, const StateCost& states, Zero zero,
                      const Cluster& cluster);

// The layer's memory with room for the most that is gathered ahead while it computes, where gathers
// go ahead.
LayerMemory memory_with_room(const Layer& layer, const LayerPlacement& placement,
                             const LayerMemoryParts& parts, const Cluster& cluster);

// What the memory depends on.
LayerPlacement placement_of(const LayerSetting& setting, const Cluster& cluster);

// Once per step: the sum over all ranks and the update of a table that lies everywhere. No layer is
// charged with it.
Seconds everywhere_time(std::int64_t elements, const LayerSetting& setting, const Cluster& cluster);

// Once per step whatever the plan: the sum of loss and squared norm over all ranks, and the host.
Seconds step_overhead(const Cluster& cluster);

inline constexpr Bytes kNormPayload{16};  // loss and squared gradient norm, fp64

}  // namespace galvatron
