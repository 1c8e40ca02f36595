// How one layer runs on its stage: what its cost depends on besides the cluster.
#pragma once

#include <cstdint>

#include "cost_models/memory.h"
#include "cost_models/precision.h"
#include "cost_models/strategy.h"

namespace galvatron {

enum class Clipping { none, global_norm };

struct LayerSetting {
  Strategy strategy{};
  std::int64_t group_tokens = 0;  // of one micro-batch in one tensor group
  Precision precision = Precision::fp32;
  Clipping clipping = Clipping::none;
  LayerPlacement::TiedTables tied_tables = LayerPlacement::TiedTables::stored;

  bool operator==(const LayerSetting&) const = default;
};

}  // namespace galvatron
