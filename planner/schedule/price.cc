#include "planner/schedule/price.h"

#include <algorithm>
#include <cmath>

#include "cost_models/layer_cost.h"
#include "cost_models/memory_laws.h"
#include "cost_models/parameter_units.h"
#include "cost_models/stage_memory.h"
#include "planner/plan/placement.h"
#include "planner/plan/runtime_space.h"
#include "planner/schedule/ahead.h"
#include "planner/schedule/op_cost.h"
#include "planner/schedule/published_price.h"
#include "planner/schedule/transition.h"

namespace galvatron {
namespace {

LayerCost cost_of(const Plan& plan, const LayerGraph& graph, int layer) {
  return layer_cost(layer_at(graph, layer), setting_of(plan, graph, layer), cluster_of(plan));
}

// With what is gathered ahead beside it on this stage, instead of the most that may be.
LayerMemory memory_on_stage(const Plan& plan, const LayerGraph& graph, int layer) {
  const LayerPlacement placement = placement_of(setting_of(plan, graph, layer), cluster_of(plan));
  return layer_memory(
      layer_at(graph, layer), placement,
      {.forward = gathered_ahead(plan, graph, {.computing = layer, .next = layer + 1}),
       .backward = gathered_ahead(plan, graph, {.computing = layer, .next = layer - 1})});
}

// Everything activations go through on their way into, between and out of the stage's layers.
std::vector<TransitionCost> transitions(const Plan& plan, const LayerGraph& graph, int stage) {
  const auto [first, last] = plan.stages[static_cast<std::size_t>(stage)];
  const Cluster cluster = cluster_of(plan);
  const auto look = [&](const Transition& transition) {
    return transition_cost(transition.from, transition.to, transition.activation, cluster);
  };
  std::vector<TransitionCost> costs;
  for (const auto& cost : look_up(stage_transitions(plan, graph, stage), look)) {
    costs.push_back(cost.value_or(TransitionCost{}));
  }
  // A stage pays for what it sends: the gradient back, the activation on.
  if (stage > 0) {
    costs.front().backward += transfer_time(activation_of(plan, graph, first - 1), cluster);
  }
  if (stage + 1 < pipeline_degree(plan)) {
    costs.back().forward += transfer_time(activation_of(plan, graph, last), cluster);
  }
  return costs;
}

// What a stage of several chunks pays more than one of one chunk, whose ends alone are boundaries:
// each further chunk is entered and left as the stage's blocks are.
Seconds chunk_boundary_time(const Plan& plan, const LayerGraph& graph, int stage) {
  const int further = plan.priced_only.virtual_stages - 1;
  if (further == 0) return {};
  const auto [first, last] = plan.stages[static_cast<std::size_t>(stage)];
  const int block = (first + last) / 2;
  const ActivationShape activation = activation_of(plan, graph, block);
  const Layout layout = layout_of(strategy_of(plan, block));
  const Cluster cluster = cluster_of(plan);
  const TransitionCost enter = enter_cost(layout, activation, cluster);
  const TransitionCost leave = leave_cost(layout, activation, cluster);
  return (enter.forward + enter.backward + leave.forward + leave.backward) * further;
}

// All micro-batches but the one at whose peak the stage is: what each keeps, times so many.
Bytes other_micro_batches(const Plan& plan, int stage, Bytes saved) {
  const int chunks = plan.priced_only.virtual_stages;
  const int stages = pipeline_degree(plan);
  if (chunks == 1) {
    return (micro_batches_in_flight(plan.schedule, stages, stage, plan.micro_batches) - 1) * saved;
  }
  const std::int64_t in_flight = chunks_in_flight(
      {.stages = stages, .stage = stage, .virtual_stages = chunks}, plan.micro_batches);
  return Bytes{saved.value * (in_flight - chunks) / chunks};
}

// Where what one micro-batch has saved and what passes by are most together.
struct Peak {
  Bytes saved{};
  Bytes transient{};
};

Bytes total(const Peak& peak) { return peak.saved + peak.transient; }

void raise(Peak& peak, const Peak& moment) {
  if (total(moment) >= total(peak)) peak = moment;
}

}  // namespace

StageTimes stage_times(const Plan& plan, const LayerGraph& graph, int stage) {
  const StageRange& range = plan.stages[static_cast<std::size_t>(stage)];
  StageTimes times;
  for (int layer = range.first_layer; layer <= range.last_layer; ++layer) {
    const LayerCost cost = cost_of(plan, graph, layer);
    times.micro_batch += cost.forward + cost.backward;
    times.backward += cost.backward;
    times.exposed_sync += cost.exposed_sync;
    times.optimizer += cost.optimizer;
  }
  for (const TransitionCost& cost : transitions(plan, graph, stage)) {
    times.micro_batch += cost.forward + cost.backward;
  }
  times.micro_batch += chunk_boundary_time(plan, graph, stage);
  return times;
}

// Passes run through a stage's layers in order, forward up and backward down. When one is at a
// layer, this micro-batch's saved tensors are those of the layers up to it, all other
// micro-batches' are whole; so the peak is where these and the layer's transient add up to most. Or
// behind the last backward over a layer, with the saved tensors of the layers before it alone.
MemoryParts stage_memory(const Plan& plan, const LayerGraph& graph, int stage) {
  const StageRange& range = plan.stages[static_cast<std::size_t>(stage)];
  const std::vector<TransitionCost> moves = transitions(plan, graph, stage);
  MemoryParts parts;
  Bytes saved;  // of one micro-batch, by the layers so far
  Peak passing{.transient = moves.front().transient};
  Peak ending;
  for (int layer = range.first_layer; layer <= range.last_layer; ++layer) {
    const LayerMemory memory = memory_on_stage(plan, graph, layer);
    parts.parameters += memory.parameters;
    parts.gradients += memory.gradients;
    parts.optimizer += memory.optimizer;
    raise(ending, {.saved = saved, .transient = memory.ending});
    saved += memory.saved;
    raise(passing, {.saved = saved - memory.freed, .transient = memory.transient + memory.freed});
    raise(passing,
          {.saved = saved,
           .transient = moves[static_cast<std::size_t>(layer - range.first_layer + 1)].transient});
  }
  const Bytes others = other_micro_batches(plan, stage, saved);
  if (total(ending) > others + total(passing)) {
    parts.activations = ending.saved;
    parts.transient = ending.transient;
  } else {
    parts.activations = others + passing.saved;
    parts.transient = passing.transient;
  }
  const Cluster cluster = cluster_of(plan);
  if (stage + 1 < pipeline_degree(plan)) {
    parts.activations += transfer_buffers(laws_of(cluster.runtime).memory, plan.micro_batches) *
                         transfer_bytes(activation_of(plan, graph, range.last_layer), cluster);
  }
  // As many micro-batches are in flight again only after the first gradient was sent.
  if (stage > 0 && plan.micro_batches > pipeline_degree(plan) - stage &&
      plan.schedule == Schedule::one_f_one_b) {
    parts.transient += transfer_bytes(activation_of(plan, graph, range.first_layer - 1), cluster);
  }
  const StageOverhead overhead = stage_overhead(cluster);
  parts.context = overhead.context;
  parts.communicators = overhead.communicators;
  const Bytes allocated = total(parts) - parts.context - parts.communicators;
  const double lost = laws_of(cluster.runtime).memory.allocator_share - 1;
  parts.reserve = plan.inputs->memory_reserve +
                  Bytes{std::llround(lost * static_cast<double>(allocated.value))};
  return parts;
}

Seconds constant_time(const LayerGraph& graph, const Job& job, const Cluster& cluster) {
  const LayerSetting setting{
      .precision = job.precision,
      .clipping = job.clip_grad_norm ? Clipping::global_norm : Clipping::none};
  Seconds time = step_overhead(cluster);
  for (const TiedTable& table : tied_tables(graph)) {
    if (!table.everywhere) continue;
    for (const ParameterUnit& unit : parameter_units(layer_at(graph, table.layers.front()), 1)) {
      if (unit.tied_table == table.name) time += everywhere_time(unit.elements, setting, cluster);
    }
  }
  return time;
}

SimulatedStep simulate(const Plan& plan, const LayerGraph& graph) {
  const Cluster cluster = cluster_of(plan);
  std::vector<TimedProgram> stages;
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    stages.push_back(timed_program(plan, graph, stage));
  }
  const OverlapRule rule{.overlap = cluster.hardware.overlap,
                         .data_stream = cluster.runtime.gradient_sync};
  return std::get<SimulatedStep>(simulate_programs(stages, rule));
}

Prediction price(const Plan& plan, const LayerGraph& graph) {
  if (plan.inputs->hardware.published) return published_price(plan, graph);
  Prediction prediction;
  std::vector<StageTimes> times;
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    times.push_back(stage_times(plan, graph, stage));
    prediction.stages.push_back({.seconds_per_micro_batch = times.back().micro_batch,
                                 .memory = stage_memory(plan, graph, stage)});
  }
  prediction.closed_form =
      closed_form_time(times, plan.micro_batches, plan.priced_only.virtual_stages) +
      constant_time(graph, plan.job, cluster_of(plan));
  prediction.step = has_rank_program(plan) ? simulate(plan, graph).step : prediction.closed_form;
  return prediction;
}

}  // namespace galvatron
