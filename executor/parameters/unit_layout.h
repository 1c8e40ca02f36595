// Where the parameters of one unit lie in its flat buffer on one rank, and which part of the buffer
// is this rank's shard.
//
//   [ parameter | parameter | ... | token-local parameters | padding ]   `elements` long
//   [ shard of data rank 0 | shard of data rank 1 | ... ]                ZeRO 1 and up
#pragma once

#include <cstdint>
#include <vector>

#include "cost_models/parameter_units.h"
#include "executor/weights/slice.h"

namespace galvatron {

// One parameter of the layer's table in the flat buffer.
struct ParameterPlace {
  int parameter = 0;  // index into Layer::parameters
  ElementRange elements;
  std::vector<std::int64_t> shape;  // of the tensor shard
  Slice slice;

  bool operator==(const ParameterPlace&) const = default;
};

struct UnitLayout {
  Zero zero = Zero::none;
  std::int64_t elements = 0;  // of the whole buffer, padding included
  ElementRange shard;         // what this rank updates: everything without ZeRO
  ElementRange token_local;   // the tail that sequence parallelism sums over the tensor group
  std::vector<ParameterPlace> places;  // in memory order

  bool operator==(const UnitLayout&) const = default;
};

// Which tensor rank and which data rank of the layer this is.
struct ShardIndex {
  int tensor = 0;
  int data = 0;
};

UnitLayout unit_layout(const Layer& layer, const ParameterUnit& unit, const Strategy& strategy,
                       ShardIndex index);

constexpr bool keeps_whole_weights(Zero zero) { return zero != Zero::parameters; }
constexpr bool keeps_whole_gradients(Zero zero) {
  return zero == Zero::none || zero == Zero::optimizer;
}

}  // namespace galvatron
