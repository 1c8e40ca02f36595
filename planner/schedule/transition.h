// Where activations change their layout on a stage: between layers, and at its ends, where the
// canonical layout stands for the neighbouring stage.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "cost_models/transition_cost.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"

namespace galvatron {

// As forward goes; backward undoes it.
struct Transition {
  Layout from{};
  Layout to{};
  ActivationShape activation{};

  bool operator==(const Transition&) const = default;
};

// The activation of one micro-batch that `layer` makes.
ActivationShape activation_of(const Plan& plan, const LayerGraph& graph, int layer);

// By boundary: entry k lies before the stage's k-th layer, the last one behind its last layer. None
// where the layouts are equal and at the two ends of the model.
using Transitions = std::vector<std::optional<Transition>>;
Transitions stage_transitions(const Plan& plan, const LayerGraph& graph, int stage);

// look(transition) per boundary, once for all equal ones: on many devices a look takes long.
template <typename Look>
auto look_up(const Transitions& transitions, Look look) {
  std::vector<std::optional<decltype(look(Transition{}))>> results;
  for (const std::optional<Transition>& transition : transitions) {
    const auto known = std::find(transitions.begin(), transitions.end(), transition);
    const auto first = static_cast<std::size_t>(known - transitions.begin());
    if (!transition) {
      results.emplace_back();
    } else if (first < results.size()) {
      results.push_back(results[first]);
    } else {
      results.emplace_back(look(*transition));
    }
  }
  return results;
}

}  // namespace galvatron
