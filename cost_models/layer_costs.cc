#include "cost_models/layer_costs.h"

#include <algorithm>
#include <cstddef>

namespace galvatron {

const std::vector<ParameterUnit>& LayerCosts::units(int tensor) {
  const auto known = units_.find(tensor);
  if (known != units_.end()) return known->second;
  return units_.emplace(tensor, parameter_units(layer_, tensor)).first->second;
}

const StateCost& LayerCosts::states(const LayerSetting& setting) {
  StateKey key{.strategy = setting.strategy, .tied_tables = setting.tied_tables};
  key.strategy.recompute = Recompute::none;
  std::vector<KnownStates>& of_degree = states_[setting.strategy.tensor];
  const auto known = std::find_if(of_degree.begin(), of_degree.end(),
                                  [&](const KnownStates& states) { return states.key == key; });
  if (known != of_degree.end()) return known->cost;
  of_degree.push_back({key, state_cost(layer_, units(setting.strategy.tensor), setting, cluster_)});
  return of_degree.back().cost;
}

const LayerCosts::PerMicroBatch& LayerCosts::per_micro_batch(const LayerSetting& setting) {
  const Layout layout = layout_of(setting.strategy);
  if (layout != layout_ || setting.group_tokens != group_tokens_) {
    layout_ = layout;
    group_tokens_ = setting.group_tokens;
    per_micro_batch_.fill(std::nullopt);
  }
  auto& known = per_micro_batch_[static_cast<std::size_t>(setting.strategy.recompute)];
  if (!known) {
    known = {.passes = layer_passes(layer_, setting, cluster_),
             .activations = activation_memory(layer_, placement_of(setting, cluster_))};
  }
  return *known;
}

LayerCost LayerCosts::of(const LayerSetting& setting) {
  const PerMicroBatch& micro_batch = per_micro_batch(setting);
  LayerCost cost =
      layer_times(micro_batch.passes, states(setting), setting.strategy.zero, cluster_);
  cost.memory = memory_with_room(
      layer_, placement_of(setting, cluster_),
      {.units = units(setting.strategy.tensor), .activations = micro_batch.activations}, cluster_);
  return cost;
}

}  // namespace galvatron
