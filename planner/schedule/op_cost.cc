#include "planner/schedule/op_cost.h"

#include <algorithm>
#include <cassert>

#include "cost_models/collectives.h"
#include "cost_models/compute.h"
#include "cost_models/layer_cost.h"
#include "cost_models/layer_passes.h"
#include "planner/schedule/rank_view.h"
#include "planner/schedule/transition.h"

namespace galvatron {
namespace {

constexpr std::int64_t kProgramGradientBytes = 4;  // what payloads of a program count with

class OpPricer {
 public:
  OpPricer(const Plan& plan, const LayerGraph& graph, int stage)
      : view_(view_of(plan, graph, first_rank(plan, stage))), cluster_(cluster_of(plan)) {
    for (int layer = view_.range.first_layer; layer <= view_.range.last_layer; ++layer) {
      passes_.push_back(
          layer_passes(layer_at(graph, layer), setting_of(plan, graph, layer), cluster_));
    }
    transitions_ =
        look_up(stage_transitions(plan, graph, stage), [&](const Transition& transition) {
          return transition_cost(transition.from, transition.to, transition.activation, cluster_);
        });
  }

  Seconds duration(const Op& op) const;

 private:
  const LayerPasses& passes(const Op& op) const {
    return passes_[static_cast<std::size_t>(op.layer - view_.range.first_layer)];
  }
  Layout layout(const Op& op) const { return layout_of(strategy_of(view_.plan, op.layer)); }
  Precision precision() const { return view_.plan.job.precision; }

  // A collective over gradients, in the bytes of the runtime's.
  Seconds gradient_time(const Op& op, const GroupPlacement& group) const;
  Seconds weight_time(const Op& op) const;
  Seconds redistribution_time(const Op& op) const;
  Seconds transfer_time_of(const Op& op) const;
  std::int64_t updated_elements(const UnitPlace& place) const;
  Seconds norm_time(const UnitPlace& place) const;
  Seconds whole_norm_time() const;
  Seconds whole_clip_time() const;

  RankView view_;
  Cluster cluster_;
  std::vector<LayerPasses> passes_;
  std::vector<std::optional<TransitionCost>> transitions_;
};

Seconds OpPricer::duration(const Op& op) const {
  if (op.part == Part::wait) return {};
  switch (op.kind) {
    case OpKind::forward:
      return passes(op).forward;
    case OpKind::recompute:
      return passes(op).recompute;
    case OpKind::backward:
      return passes(op).backward;
    case OpKind::redistribute:
      return redistribution_time(op);
    case OpKind::gather:
    case OpKind::gather_updated:
      return weight_time(op);
    case OpKind::free_parameters:
      return {};
    case OpKind::reduce_token_local:
      return gradient_time(op, tensor_placement(layout(op), cluster_));
    case OpKind::reduce:
      return gradient_time(op, data_placement(layout(op), cluster_));
    case OpKind::reduce_tied:
      return gradient_time(op, unit_at(view_, {op.layer, op.unit}).everywhere
                                   ? world_placement(cluster_)
                                   : pipeline_placement(cluster_));
    case OpKind::send:
    case OpKind::receive:
      return transfer_time_of(op);
    case OpKind::reduce_norm:
      return step_overhead(cluster_) + whole_norm_time();
    case OpKind::clip:
      return whole_clip_time();
    case OpKind::update:
      return update_time(updated_elements({op.layer, op.unit}), precision(), cluster_) -
             norm_time({op.layer, op.unit});
  }
  return {};
}

Seconds OpPricer::gradient_time(const Op& op, const GroupPlacement& group) const {
  const std::int64_t width = reduced_bytes(*cluster_.runtime.states[precision()]);
  return collective_time(
      {.kind = op.collective, .payload = Bytes{op.payload.value / kProgramGradientBytes * width}},
      group, cluster_.hardware);
}

Seconds OpPricer::weight_time(const Op& op) const {
  return collective_time({.kind = op.collective, .payload = op.payload},
                         data_placement(layout(op), cluster_), cluster_.hardware);
}

Seconds OpPricer::redistribution_time(const Op& op) const {
  const TransitionCost& cost =
      *transitions_[static_cast<std::size_t>(op.layer - view_.range.first_layer)];
  return op.direction == Direction::forward ? cost.forward : cost.backward;
}

Seconds OpPricer::transfer_time_of(const Op& op) const {
  const bool to_next = rank_at(op.group, 0) == view_.rank;
  const int maker = to_next ? view_.range.last_layer : view_.range.first_layer - 1;
  return transfer_time(activation_of(view_.plan, view_.graph, maker), cluster_);
}

std::int64_t OpPricer::updated_elements(const UnitPlace& place) const {
  return shard_elements(unit_at(view_, place), strategy_of(view_.plan, place.layer));
}

// The cost model has the pass of the norm in the price of an update, the program before all of
// them.
Seconds OpPricer::norm_time(const UnitPlace& place) const {
  const Runtime& runtime = cluster_.runtime;
  const std::int64_t width = std::min<std::int64_t>(reduced_bytes(*runtime.states[precision()]),
                                                    runtime.update[precision()]->optimizer);
  const Device& device = cluster_.hardware.device;
  return stream_time(static_cast<double>(updated_elements(place) * width), device) -
         device.stream_launch;
}

Seconds OpPricer::whole_norm_time() const {
  Seconds time;
  for (const UnitPlace& place : stored_units(view_)) time += norm_time(place);
  return time;
}

Seconds OpPricer::whole_clip_time() const {
  Seconds time;
  for (const UnitPlace& place : stored_units(view_)) {
    time += clip_time(updated_elements(place), precision(), cluster_);
  }
  return time;
}

}  // namespace

Cluster cluster_of(const Plan& plan) {
  assert(plan.inputs);
  return {.hardware = plan.inputs->hardware,
          .runtime = plan.inputs->runtime,
          .profile = plan.inputs->profile,
          .stages = pipeline_degree(plan),
          .devices_per_stage = devices_per_stage(plan)};
}

LayerSetting setting_of(const Plan& plan, const LayerGraph& graph, int layer) {
  const Layer& what = layer_at(graph, layer);
  const Strategy& strategy = strategy_of(plan, layer);
  LayerSetting setting{.strategy = strategy,
                       .group_tokens = group_tokens(plan, what, strategy),
                       .precision = plan.job.precision,
                       .clipping = plan.job.clip_grad_norm ? Clipping::global_norm : Clipping::none,
                       .context = plan.priced_only.context,
                       .shard_group = plan.priced_only.shard_group};
  for (const TiedTable& table : tied_tables(graph)) {
    for (const int user : table.layers) {
      if (user == layer && storing_layer(plan, table, stage_of(plan, layer)) != layer) {
        setting.tied_tables = LayerPlacement::TiedTables::held_elsewhere;
      }
    }
  }
  return setting;
}

TimedProgram timed_program(const Plan& plan, const LayerGraph& graph, int stage) {
  const OpPricer pricer(plan, graph, stage);
  TimedProgram program{.ops = build_rank_program(plan, graph, first_rank(plan, stage)),
                       .durations = {}};
  program.durations.reserve(program.ops.size());
  for (const Op& op : program.ops) program.durations.push_back(pricer.duration(op));
  return program;
}

}  // namespace galvatron
