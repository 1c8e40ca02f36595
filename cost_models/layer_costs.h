// The costs of one layer under many strategies, on stages of one size.
//
// What several strategies have in common is made once: the flat units by tensor degree; the traffic
// of states by all but recomputation, whatever the micro-batch; passes and tensors by layout,
// tokens and recomputation. The last are kept for one layout at a time, so strategies of a layout
// are best asked for one after the other.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <vector>

#include "cost_models/layer_cost.h"

namespace galvatron {

class LayerCosts {
 public:
  // Both must outlive this.
  LayerCosts(const Layer& layer, const Cluster& cluster) : layer_(layer), cluster_(cluster) {}

  // As `layer_cost` says. Requires settings that differ in strategy, tokens and tied tables alone.
  LayerCost of(const LayerSetting& setting);

 private:
  struct PerMicroBatch {
    LayerPasses passes{};
    ActivationMemory activations{};
  };
  struct StateKey {
    Strategy strategy{};  // without recomputation
    LayerPlacement::TiedTables tied_tables{};

    bool operator==(const StateKey&) const = default;
  };
  struct KnownStates {
    StateKey key{};
    StateCost cost{};
  };

  const std::vector<ParameterUnit>& units(int tensor);
  const StateCost& states(const LayerSetting& setting);
  const PerMicroBatch& per_micro_batch(const LayerSetting& setting);

  const Layer& layer_;
  const Cluster& cluster_;
  std::map<int, std::vector<ParameterUnit>> units_;  // by tensor degree
  std::map<int, std::vector<KnownStates>> states_;   // by tensor degree
  Layout layout_{};
  std::int64_t group_tokens_ = -1;
  std::array<std::optional<PerMicroBatch>, kRecomputeNames.size()> per_micro_batch_{};
};

}  // namespace galvatron
