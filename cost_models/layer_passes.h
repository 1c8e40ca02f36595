// Time of one layer's forward, recomputation and backward for one micro-batch, as one operation
// each: its kernels and the tensor traffic inside them, which blocks. In backward the runtime may
// hide traffic behind the weight gradients. No pass ends before the host has launched its kernels.
#pragma once

#include "cost_models/cluster.h"
#include "cost_models/layer.h"
#include "cost_models/layer_setting.h"
#include "cost_models/units.h"

namespace galvatron {

struct LayerPasses {
  Seconds forward{};
  Seconds recompute{};  // full recomputation: forward again; else nothing
  Seconds backward{};   // what selective recomputation repeats is in here

  bool operator==(const LayerPasses&) const = default;
};

LayerPasses layer_passes(const Layer& layer, const LayerSetting& setting, const Cluster& cluster);

// What forward and backward take their time for; the parts add up to the pass.
struct PassParts {
  Seconds compute{};
  Seconds recompute{};  // selective recomputation, inside backward
  Seconds tensor{};     // traffic of tensor and context group that nothing hides
  Seconds launch{};     // what the device waits for the host to launch kernels

  bool operator==(const PassParts&) const = default;
};

struct LayerPassParts {
  PassParts forward{};
  PassParts backward{};

  bool operator==(const LayerPassParts&) const = default;
};

LayerPassParts layer_pass_parts(const Layer& layer, const LayerSetting& setting,
                                const Cluster& cluster);

}  // namespace galvatron
