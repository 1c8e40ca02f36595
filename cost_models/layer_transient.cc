#include "cost_models/layer_transient.h"

#include <algorithm>

#include "cost_models/gather_ahead.h"

namespace galvatron {
namespace {

// Elements of the flat buffers that ZeRO shards, whole on one rank.
std::int64_t whole_elements(const std::vector<ParameterUnit>& units, const Strategy& strategy) {
  std::int64_t elements = 0;
  for (const ParameterUnit& unit : units) {
    if (!unit.everywhere) elements += unit_elements(unit, strategy);
  }
  return elements;
}

// What the largest of the reductions makes of a gradient; one rank reduces nothing.
Bytes reduced_shard(const LayerMemoryParts& parts, const LayerPlacement& placement) {
  if (placement.strategy.data == 1) return {};
  std::int64_t largest = 0;
  for (const ParameterUnit& unit : parts.units) {
    if (!unit.everywhere) largest = std::max(largest, shard_elements(unit, placement.strategy));
  }
  return Bytes{largest * placement.states.gradient};
}

MomentBytes larger(const MomentBytes& a, const MomentBytes& b) { return a.net > b.net ? a : b; }

}  // namespace

GatheredAhead most_gathered_ahead(const Layer& layer, const std::vector<ParameterUnit>& units,
                                  const LayerPlacement& placement) {
  if (!may_gather_ahead(layer)) return {};
  const Bytes own = gathered_bytes(units, placement.strategy, placement.precision);
  return {.forward = own, .backward = own};
}

MomentBytes layer_transient(const LayerMemoryParts& parts, const LayerPlacement& placement,
                            const GatheredAhead& ahead) {
  const Zero zero = placement.strategy.zero;
  MomentBytes forward = parts.activations.forward;
  MomentBytes backward = parts.activations.backward;
  if (zero < Zero::gradients) return larger(forward, backward);
  const std::int64_t whole = whole_elements(parts.units, placement.strategy);
  const Bytes gradients{whole * placement.states.gradient};
  backward.net += gradients;
  // Of the layer's own tensors only the input's gradient is left.
  MomentBytes reduction{.net = gradients + reduced_shard(parts, placement) +
                               parts.activations.input - parts.activations.saved,
                        .freed = parts.activations.saved};
  if (zero == Zero::parameters) {
    const Bytes own{whole * element_bytes(placement.precision)};
    forward.net += own + ahead.forward;
    backward.net += own + ahead.backward;
    reduction.net += ahead.backward;
  }
  return larger(forward, larger(backward, reduction));
}

Bytes layer_ending(const LayerMemoryParts& parts, const LayerPlacement& placement) {
  if (placement.strategy.zero != Zero::optimizer) return {};
  return reduced_shard(parts, placement) + parts.activations.input;
}

}  // namespace galvatron
