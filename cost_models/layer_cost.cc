#include "cost_models/layer_cost.h"

#include <algorithm>
#include <cassert>

#include "cost_models/collectives.h"
#include "cost_models/compute.h"
#include "cost_models/layer_passes.h"
#include "cost_models/overlap.h"
#include "cost_models/parameter_units.h"

namespace galvatron {
namespace {

// Traffic of the layer's parameters and gradients, all units together.
struct StateTraffic {
  Seconds gather{};       // whole parameters in compute precision, from their shards
  Seconds gather_copy{};  // out of the buffer of a gather, into that of a reduction
  Seconds reduce_copy{};
  Seconds reduce{};       // gradients over the data group
  Seconds token_local{};  // the tail of the gradient over the tensor group
  Seconds tied{};         // a table's gradient over the stages that hold it
};

// A table that another layer of the stage stores; that layer also updates it.
bool is_elsewhere(const ParameterUnit& unit, const LayerSetting& setting) {
  return !unit.tied_table.empty() &&
         setting.tied_tables == LayerPlacement::TiedTables::held_elsewhere;
}

// The group of one data rank that shards, and that of the ranks which hold the same shard.
GroupPlacement shard_placement(const LayerSetting& setting, const Cluster& cluster) {
  const int stride = data_group(layout_of(setting.strategy), 0).stride;
  return stage_placement({.size = shard_ranks(setting), .stride = stride}, cluster);
}

GroupPlacement replica_placement(const LayerSetting& setting, const Cluster& cluster) {
  const int stride = data_group(layout_of(setting.strategy), 0).stride * shard_ranks(setting);
  return stage_placement({.size = setting.strategy.data / shard_ranks(setting), .stride = stride},
                         cluster);
}

// Gradients of so many bytes over the data group. Where a part of it shards, optimizer states leave
// every rank of the group with the sum, parameters with that of the shard.
Seconds reduce_time(Bytes gradients, const LayerSetting& setting, const Cluster& cluster) {
  const Strategy& strategy = setting.strategy;
  const GroupPlacement data = data_placement(layout_of(strategy), cluster);
  const auto time = [&](CollectiveKind kind, Bytes payload, const GroupPlacement& group) {
    return collective_time({.kind = kind, .payload = payload}, group, cluster.hardware);
  };
  const int shards = shard_ranks(setting);
  if (strategy.zero == Zero::none) return time(CollectiveKind::all_reduce, gradients, data);
  if (shards == strategy.data) return time(CollectiveKind::reduce_scatter, gradients, data);
  if (strategy.zero != Zero::parameters) return time(CollectiveKind::all_reduce, gradients, data);
  return time(CollectiveKind::reduce_scatter, gradients, shard_placement(setting, cluster)) +
         time(CollectiveKind::all_reduce, Bytes{gradients.value / shards},
              replica_placement(setting, cluster));
}

void add_unit(StateTraffic& traffic, const ParameterUnit& unit, const LayerSetting& setting,
              const Cluster& cluster) {
  if (unit.everywhere) return;
  const Strategy strategy = sharding_strategy(setting);
  const Layout layout = layout_of(setting.strategy);
  const std::int64_t width = element_bytes(setting.precision);
  const std::int64_t gradient = reduced_bytes(*cluster.runtime.states[setting.precision]);
  const auto time = [&](CollectiveKind kind, std::int64_t bytes, const GroupPlacement& group) {
    return collective_time({.kind = kind, .payload = Bytes{bytes}}, group, cluster.hardware);
  };
  const std::int64_t elements = unit_elements(unit, strategy);
  const bool elsewhere = is_elsewhere(unit, setting);
  // Under ZeRO 3 every use of a table gathers it, and under ZeRO 2 and 3 every use reduces its own
  // gradient; otherwise all uses add to one whole gradient first.
  if (strategy.zero == Zero::parameters || !elsewhere) {
    traffic.gather +=
        time(CollectiveKind::all_gather, elements * width, shard_placement(setting, cluster));
    traffic.gather_copy +=
        stream_time(static_cast<double>(elements * 2 * width), cluster.hardware.device);
  }
  if (strategy.zero >= Zero::gradients || !elsewhere) {
    traffic.reduce += reduce_time(Bytes{elements * gradient}, setting, cluster);
    traffic.reduce_copy +=
        stream_time(static_cast<double>(elements * (width + gradient)), cluster.hardware.device);
  }
  if (strategy.sequence_parallel && unit.token_local_elements > 0) {
    traffic.token_local += time(CollectiveKind::all_reduce, unit.token_local_elements * gradient,
                                tensor_placement(layout, cluster));
  }
  if (!unit.tied_table.empty() && !elsewhere && cluster.stages > 1) {
    traffic.tied += time(CollectiveKind::all_reduce, shard_elements(unit, strategy) * gradient,
                         pipeline_placement(cluster));
  }
}

// Clipping included where there is any.
Seconds whole_update_time(std::int64_t elements, const LayerSetting& setting,
                          const Cluster& cluster) {
  const Seconds update = update_time(elements, setting.precision, cluster);
  return setting.clipping == Clipping::none
             ? update
             : update + clip_time(elements, setting.precision, cluster);
}

Seconds unit_update_time(const ParameterUnit& unit, const LayerSetting& setting,
                         const Cluster& cluster) {
  if (unit.everywhere || is_elsewhere(unit, setting)) return {};
  return whole_update_time(shard_elements(unit, sharding_strategy(setting)), setting, cluster);
}

// What of some traffic is left when the computation beside it has ended.
Seconds left_after(Seconds compute, Seconds traffic, const Cluster& cluster) {
  const Overlap& overlap = cluster.hardware.overlap;
  const double kx =
      laws_of(cluster.runtime).traffic.compute_slowdown.value_or(overlap.compute_slowdown);
  return std::max(Seconds{},
                  overlapped_time(compute, traffic, kx, overlap.traffic_slowdown) - compute);
}

// What of the reduction is left when the layer's own last backward has ended: that stands for the
// backward of the layer before it, which runs meanwhile.
Seconds exposed_time(Seconds reduce, Seconds backward, const Cluster& cluster) {
  if (cluster.runtime.gradient_sync == Traffic::blocking) return reduce;
  return left_after(backward, reduce, cluster);
}

// ZeRO 3: gathers before both passes, a reduction behind backward, for every micro-batch, or once
// per step where several stages keep what they gathered.
void add_sharded_parameters(LayerCost& cost, const StateTraffic& traffic, const Cluster& cluster) {
  const TrafficLaws laws = laws_of(cluster.runtime).traffic;
  const bool overlaps = laws.gather == ParameterGather::overlapped;
  const auto beside = [&](Seconds compute, Seconds moved) {
    return overlaps ? left_after(compute, moved, cluster) : moved;
  };
  if (laws.keeps_gathered && cluster.stages > 1) {
    cost.exposed_sync += beside(cost.forward, traffic.gather) +
                         beside(cost.backward, traffic.reduce) + traffic.token_local;
    return;
  }
  if (overlaps) {
    cost.forward += left_after(cost.forward, traffic.gather, cluster);
    cost.backward +=
        left_after(cost.backward, traffic.gather + traffic.reduce, cluster) + traffic.token_local;
  } else {
    cost.forward += traffic.gather;
    cost.backward += traffic.gather;
    cost.backward += traffic.reduce + traffic.token_local;
  }
  if (!laws.copies_flat_buffers) return;
  cost.forward += traffic.gather_copy;
  cost.backward += traffic.gather_copy + traffic.reduce_copy;
}

// Parameters that their owners send round one after the other, once per step: charged where the
// model begins.
Seconds owner_broadcast_time(const Layer& layer, const LayerSetting& setting,
                             const Cluster& cluster) {
  const Zero zero = setting.strategy.zero;
  if (layer.kind != LayerKind::embedding || zero == Zero::none || zero == Zero::parameters) {
    return {};
  }
  if (shard_placement(setting, cluster).nodes == 1) return {};
  return laws_of(cluster.runtime).traffic.owner_broadcast * shard_ranks(setting);
}

}  // namespace

LayerCost layer_cost(const Layer& layer, const LayerSetting& setting, const Cluster& cluster) {
  assert(cluster.runtime.states[setting.precision]);
  const Zero zero = setting.strategy.zero;
  const LayerPasses passes = layer_passes(layer, setting, cluster);
  LayerCost cost{.forward = passes.forward, .backward = passes.recompute + passes.backward};
  StateTraffic traffic;
  for (const ParameterUnit& unit : parameter_units(layer, setting.strategy.tensor)) {
    add_unit(traffic, unit, setting, cluster);
    cost.optimizer += unit_update_time(unit, setting, cluster);
  }

  switch (zero) {
    case Zero::none:
    case Zero::optimizer:
      cost.exposed_sync =
          exposed_time(traffic.reduce, cost.backward, cluster) + traffic.token_local;
      break;
    case Zero::gradients:
      cost.backward += traffic.reduce + traffic.token_local;
      break;
    case Zero::parameters:
      add_sharded_parameters(cost, traffic, cluster);
      break;
  }
  cost.exposed_sync += traffic.tied;
  if (zero == Zero::optimizer || zero == Zero::gradients) cost.optimizer += traffic.gather;
  cost.optimizer += owner_broadcast_time(layer, setting, cluster);
  cost.memory = layer_memory(layer, {.strategy = setting.strategy,
                                     .group_tokens = setting.group_tokens,
                                     .precision = setting.precision,
                                     .tied_tables = setting.tied_tables,
                                     .states = *cluster.runtime.states[setting.precision],
                                     .attention = cluster.runtime.attention,
                                     .shard_ranks = shard_ranks(setting),
                                     .stages = cluster.stages,
                                     .laws = cluster.runtime.laws});
  return cost;
}

Seconds update_time(std::int64_t elements, Precision precision, const Cluster& cluster) {
  assert(cluster.runtime.update[precision]);
  const std::int64_t bytes = cluster.runtime.update[precision]->optimizer;
  return stream_time(static_cast<double>(elements * bytes), cluster.hardware.device);
}

Seconds clip_time(std::int64_t elements, Precision precision, const Cluster& cluster) {
  assert(cluster.runtime.update[precision]);
  const std::int64_t bytes = cluster.runtime.update[precision]->clip;
  return stream_time(static_cast<double>(elements * bytes), cluster.hardware.device);
}

Seconds everywhere_time(std::int64_t elements, const LayerSetting& setting,
                        const Cluster& cluster) {
  const std::int64_t width = reduced_bytes(*cluster.runtime.states[setting.precision]);
  return collective_time({.kind = CollectiveKind::all_reduce, .payload = Bytes{elements * width}},
                         world_placement(cluster), cluster.hardware) +
         whole_update_time(elements, setting, cluster);
}

Seconds step_overhead(const Cluster& cluster) {
  return collective_time({.kind = CollectiveKind::all_reduce, .payload = kNormPayload},
                         world_placement(cluster), cluster.hardware) +
         cluster.hardware.device.overhead.host_per_step.value_or(cluster.runtime.host_per_step);
}

}  // namespace galvatron
