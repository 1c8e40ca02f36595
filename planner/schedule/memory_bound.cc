#include "planner/schedule/memory_bound.h"

#include <algorithm>

#include "cost_models/layer_cost.h"
#include "cost_models/memory_laws.h"
#include "cost_models/pipeline.h"
#include "cost_models/stage_memory.h"
#include "planner/plan/placement.h"
#include "planner/schedule/op_cost.h"
#include "planner/schedule/transition.h"

namespace galvatron {
namespace {

// The search's room for a tied table: on several stages every use may have to store its own.
LayerPlacement::TiedTables room_of_tables(const Plan& plan, const LayerGraph& graph, int layer) {
  const std::vector<TiedTable> tables = tied_tables(graph);
  const bool is_held = pipeline_degree(plan) == 1 &&
                       std::any_of(tables.begin(), tables.end(), [&](const TiedTable& table) {
                         return !table.everywhere && table.layers.front() < layer &&
                                std::count(table.layers.begin(), table.layers.end(), layer) > 0;
                       });
  return is_held ? LayerPlacement::TiedTables::held_elsewhere : LayerPlacement::TiedTables::stored;
}

Bytes stage_memory_bound(const Plan& plan, const LayerGraph& graph, int stage) {
  const auto [first, last] = plan.stages[static_cast<std::size_t>(stage)];
  const Cluster cluster = cluster_of(plan);
  const std::int64_t in_flight =
      micro_batches_in_flight(plan.schedule, pipeline_degree(plan), stage, plan.micro_batches);
  Bytes sum = total(stage_overhead(cluster)) + plan.inputs->memory_reserve;
  Bytes largest;
  for (int layer = first; layer <= last; ++layer) {
    LayerSetting setting = setting_of(plan, graph, layer);
    setting.tied_tables = room_of_tables(plan, graph, layer);
    const LayerMemory memory = layer_cost(layer_at(graph, layer), setting, cluster).memory;
    sum += memory.parameters + memory.gradients + memory.optimizer + in_flight * memory.saved;
    largest = std::max(largest, memory.transient);
  }
  for (const auto& transition : stage_transitions(plan, graph, stage)) {
    if (!transition) continue;
    largest = std::max(
        largest, transition_cost(transition->from, transition->to, transition->activation, cluster)
                     .transient);
  }
  const auto held = [&](int layer) {
    return transfer_bytes(activation_of(plan, graph, layer), cluster);
  };
  if (stage > 0) sum += held(first - 1);
  if (stage + 1 < pipeline_degree(plan)) {
    sum += transfer_buffers(laws_of(cluster.runtime).memory, plan.micro_batches) * held(last);
  }
  return sum + largest;
}

}  // namespace

Bytes memory_bound(const Plan& plan, const LayerGraph& graph) {
  Bytes most;
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    most = std::max(most, stage_memory_bound(plan, graph, stage));
  }
  return most;
}

}  // namespace galvatron
