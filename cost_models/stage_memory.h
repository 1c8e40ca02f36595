// What a device holds besides the layers of its stage, whatever their strategies.
#pragma once

#include "cost_models/cluster.h"
#include "cost_models/transition_cost.h"
#include "cost_models/units.h"

namespace galvatron {

struct StageOverhead {
  // An activation on its way to the next stage stays until the next one is sent, and so does a
  // gradient on its way back.
  Bytes outgoing_activation{};
  Bytes outgoing_gradient{};
  Bytes context{};
  Bytes communicators{};

  bool operator==(const StageOverhead&) const = default;
};

inline Bytes total(const StageOverhead& overhead) {
  return overhead.outgoing_activation + overhead.outgoing_gradient + overhead.context +
         overhead.communicators;
}

// `activation`: of one micro-batch, as it crosses the boundaries of the stage.
StageOverhead stage_overhead(int stage, const ActivationShape& activation, const Cluster& cluster);

}  // namespace galvatron
