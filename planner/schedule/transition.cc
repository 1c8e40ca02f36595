#include "planner/schedule/transition.h"

#include "planner/plan/placement.h"

namespace galvatron {

ActivationShape activation_of(const Plan& plan, const LayerGraph& graph, int layer) {
  const Layer& maker = layer_at(graph, layer);
  return {.tokens = stage_tokens(plan, maker).tokens,
          .hidden = widths_after(graph)[static_cast<std::size_t>(layer)],
          .precision = plan.job.precision};
}

Transitions stage_transitions(const Plan& plan, const LayerGraph& graph, int stage) {
  const auto [first, last] = plan.stages[static_cast<std::size_t>(stage)];
  const auto layout_at = [&, first = first, last = last](int layer) {
    return layer >= first && layer <= last ? layout_of(strategy_of(plan, layer))
                                           : canonical_layout(devices_per_stage(plan));
  };
  Transitions transitions;
  for (int into = first; into <= last + 1; ++into) {
    transitions.emplace_back();
    if (into == 0 || into == layer_count(graph) || layout_at(into - 1) == layout_at(into)) continue;
    transitions.back() = Transition{.from = layout_at(into - 1),
                                    .to = layout_at(into),
                                    .activation = activation_of(plan, graph, into - 1)};
  }
  return transitions;
}

}  // namespace galvatron
