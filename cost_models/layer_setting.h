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
  int context = 1;      // of the data degree, ranks that share samples: each has 1/context of a
                        // sample's tokens
  int shard_group = 0;  // consecutive data ranks over which ZeRO shards; 0: all

  bool operator==(const LayerSetting&) const = default;
};

// The ranks over which ZeRO shards.
constexpr int shard_ranks(const LayerSetting& setting) {
  return setting.shard_group > 0 ? setting.shard_group : setting.strategy.data;
}

// The strategy that shards as this setting does: its data degree counts shards.
constexpr Strategy sharding_strategy(const LayerSetting& setting) {
  Strategy strategy = setting.strategy;
  strategy.data = shard_ranks(setting);
  return strategy;
}

}  // namespace galvatron
