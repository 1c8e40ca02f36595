// Device time of one layer and micro-batch: its products, its attention, its streams; or what a
// model profile says of it.
#pragma once

#include "cost_models/cluster.h"
#include "cost_models/compute.h"
#include "cost_models/layer.h"
#include "cost_models/layer_setting.h"
#include "cost_models/units.h"

namespace galvatron {

struct LayerCompute {
  Seconds forward{};
  Seconds backward{};     // without recomputation
  Seconds recompute{};    // before backward, as the strategy asks for
  PassTimes attention{};  // the part of forward and backward that is attention
  // Measured times include what the host needs to launch.
  enum class Source { kernel_laws, profile } source = Source::kernel_laws;

  bool operator==(const LayerCompute&) const = default;
};

LayerCompute layer_compute(const Layer& layer, const LayerSetting& setting, const Cluster& cluster);

// What a model profile is asked for where the layer runs like this.
ProfileQuery profile_query(const Layer& layer, const LayerSetting& setting);

// The forward product that one rank does for `product`.
ProductShape local_shape(const Layer& layer, const Product& product, const LayerSetting& setting);

}  // namespace galvatron
