// Where a layer's parameters lie: in flat units.
//
// A unit is what is gathered, reduced, sharded and updated as one buffer. A layer has one unit of
// its own parameters and one per tied table, so that every copy of a table is sharded alike. Inside
// a unit the token-local parameters come last: under sequence parallelism the tail of the gradient
// is summed over the tensor group before the unit is reduced over the data group. A unit that is
// sharded (ZeRO 1 and up) is padded to a multiple of the data degree. A table that lies everywhere
// is never sharded, gathered or reduced over the data group: all its holders sum its gradient at
// once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cost_models/layer.h"
#include "cost_models/strategy.h"
#include "cost_models/units.h"

namespace galvatron {

struct ParameterUnit {
  std::string tied_table{};               // empty: the layer's own parameters
  std::vector<int> parameters{};          // indices into Layer::parameters, in memory order
  std::int64_t elements = 0;              // on one tensor rank, unpadded
  std::int64_t token_local_elements = 0;  // of these, the tail
  bool everywhere = false;                // whole on every rank, whatever the layer's strategy

  bool operator==(const ParameterUnit&) const = default;
};

// Elements of `parameter` on one rank of a tensor group, vocabulary padding included.
std::int64_t local_elements(const Parameter& parameter, int tensor);

// In the order own unit (if any), tied tables.
std::vector<ParameterUnit> parameter_units(const Layer& layer, int tensor);

// What is sharded of the unit: what the layer's strategy says, or of one that lies everywhere
// nothing.
Zero sharding(const ParameterUnit& unit, const Strategy& strategy);

// Elements of the whole flat buffer: padded where ZeRO shards it.
std::int64_t unit_elements(const ParameterUnit& unit, const Strategy& strategy);

// Elements one data rank keeps of a sharded unit.
std::int64_t shard_elements(const ParameterUnit& unit, const Strategy& strategy);

}  // namespace galvatron
