#include "cost_models/parameter_units.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <numeric>

#include "cost_models/rounding.h"

namespace galvatron {
namespace {

void append(ParameterUnit& unit, const Parameter& parameter, int index, int tensor) {
  const std::int64_t elements = local_elements(parameter, tensor);
  unit.parameters.push_back(index);
  unit.elements += elements;
  unit.everywhere = parameter.everywhere;
  if (parameter.token_local) unit.token_local_elements += elements;
}

ParameterUnit& unit_of_table(std::vector<ParameterUnit>& units, const std::string& table) {
  const auto found = std::find_if(units.begin(), units.end(), [&](const ParameterUnit& unit) {
    return unit.tied_table == table;
  });
  if (found != units.end()) return *found;
  units.push_back({.tied_table = table});
  return units.back();
}

}  // namespace

std::int64_t local_elements(const Parameter& parameter, int tensor) {
  const std::int64_t whole = std::accumulate(parameter.shape.begin(), parameter.shape.end(),
                                             std::int64_t{1}, std::multiplies<>());
  if (parameter.split_dimension < 0 || whole == 0) return whole;
  const std::int64_t split = parameter.shape[static_cast<std::size_t>(parameter.split_dimension)];
  assert(parameter.pads || split % (std::int64_t{tensor} * parameter.parts) == 0);
  return whole / split * divide_up(split, tensor);
}

std::vector<ParameterUnit> parameter_units(const Layer& layer, int tensor) {
  std::vector<int> order(layer.parameters.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_partition(order.begin(), order.end(), [&](int index) {
    return !layer.parameters[static_cast<std::size_t>(index)].token_local;
  });

  std::vector<ParameterUnit> units;
  units.emplace_back();  // the layer's own parameters
  for (const int index : order) {
    const Parameter& parameter = layer.parameters[static_cast<std::size_t>(index)];
    append(unit_of_table(units, parameter.tied_table), parameter, index, tensor);
  }
  if (units.front().parameters.empty()) units.erase(units.begin());
  return units;
}

Zero sharding(const ParameterUnit& unit, const Strategy& strategy) {
  return unit.everywhere ? Zero::none : strategy.zero;
}

std::int64_t unit_elements(const ParameterUnit& unit, const Strategy& strategy) {
  return sharding(unit, strategy) == Zero::none ? unit.elements
                                                : round_up(unit.elements, strategy.data);
}

std::int64_t shard_elements(const ParameterUnit& unit, const Strategy& strategy) {
  const std::int64_t whole = unit_elements(unit, strategy);
  return sharding(unit, strategy) == Zero::none ? whole : whole / strategy.data;
}

}  // namespace galvatron
