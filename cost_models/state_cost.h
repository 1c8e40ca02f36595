// What a layer's parameters and gradients cost once they are there: traffic over the data group and
// the update. Neither micro-batches nor recomputation matter here.
#pragma once

#include <cstdint>
#include <vector>

#include "cost_models/cluster.h"
#include "cost_models/layer.h"
#include "cost_models/layer_setting.h"
#include "cost_models/parameter_units.h"
#include "cost_models/units.h"

namespace galvatron {

// Traffic of the layer's parameters and gradients, all units together.
struct StateTraffic {
  Seconds gather{};       // whole parameters in compute precision, from their shards
  Seconds gather_copy{};  // out of the buffer of a gather, into that of a reduction
  Seconds reduce_copy{};
  Seconds reduce{};       // gradients over the data group
  Seconds reduce_last{};  // of these, what waits for the end of backward
  Seconds token_local{};  // the tail of the gradient over the tensor group
  Seconds tied{};         // a table's gradient over the stages that hold it
};

struct StateCost {
  StateTraffic traffic{};
  Seconds update{};            // norm and clipping included
  Seconds accumulate{};        // per micro-batch: into the sum of gradients
  Seconds owner_broadcast{};   // of updated parameters, once per step
  bool gathers_ahead = false;  // ZeRO 3: beside the computation of a neighbour
};

// `units` are those of the layer under the setting's tensor degree.
StateCost state_cost(const Layer& layer, const std::vector<ParameterUnit>& units,
                     const LayerSetting& setting, const Cluster& cluster);

// The update of so many elements, the norm of their gradients included; their clipping.
Seconds update_time(std::int64_t elements, Precision precision, const Cluster& cluster);
Seconds clip_time(std::int64_t elements, Precision precision, const Cluster& cluster);
// Both, the second where the setting clips.
Seconds whole_update_time(std::int64_t elements, const LayerSetting& setting,
                          const Cluster& cluster);

}  // namespace galvatron
