#include "cost_models/layer_transient.h"

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
  if (zero < Zero::gradients) return forward.net > backward.net ? forward : backward;
  const std::int64_t whole = whole_elements(parts.units, placement.strategy);
  backward.net += Bytes{whole * placement.states.gradient};
  if (zero == Zero::parameters) {
    const Bytes own{whole * element_bytes(placement.precision)};
    forward.net += own + ahead.forward;
    backward.net += own + ahead.backward;
  }
  return forward.net > backward.net ? forward : backward;
}

MomentBytes layer_transient(const Layer& layer, const LayerPlacement& placement,
                            const GatheredAhead& ahead) {
  return layer_transient({.units = parameter_units(layer, placement.strategy.tensor),
                          .activations = activation_memory(layer, placement)},
                         placement, ahead);
}

}  // namespace galvatron
