// What a device holds besides the layers of its stage, whatever their strategies.
#pragma once

#include "cost_models/cluster.h"
#include "cost_models/units.h"

namespace galvatron {

struct StageOverhead {
  Bytes context{};
  Bytes communicators{};

  bool operator==(const StageOverhead&) const = default;
};

inline Bytes total(const StageOverhead& overhead) {
  return overhead.context + overhead.communicators;
}

StageOverhead stage_overhead(const Cluster& cluster);

}  // namespace galvatron
