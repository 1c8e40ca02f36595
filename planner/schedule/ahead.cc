#include "planner/schedule/ahead.h"

#include "cost_models/gather_ahead.h"
#include "planner/plan/placement.h"

namespace galvatron {

Bytes gathered_ahead(const Plan& plan, const LayerGraph& graph, const PassStep& step) {
  if (plan.inputs && !gains_by_overlap(plan.inputs->hardware, plan.inputs->runtime)) return {};
  const auto [computing, next] = step;
  if (computing < 0 || next < 0) return {};
  if (computing >= layer_count(graph) || next >= layer_count(graph)) return {};
  if (stage_of(plan, computing) != stage_of(plan, next)) return {};
  const auto neighbour = [&](int layer) {
    return Neighbour{.layer = layer_at(graph, layer), .strategy = strategy_of(plan, layer)};
  };
  if (!is_gathered_ahead(neighbour(next), neighbour(computing))) return {};
  const Strategy& strategy = strategy_of(plan, next);
  return gathered_bytes(parameter_units(layer_at(graph, next), strategy.tensor), strategy,
                        plan.job.precision);
}

}  // namespace galvatron
