#include "cost_models/layer_cost.h"

#include <algorithm>
#include <cassert>
#include <initializer_list>
#include <optional>
#include <vector>

#include "cost_models/collectives.h"
#include "cost_models/gather_ahead.h"
#include "cost_models/layer_transient.h"
#include "cost_models/overlap.h"
#include "cost_models/parameter_units.h"

namespace galvatron {
namespace {

Transmission beside_compute(CollectiveKind kind, Seconds time, const Cluster& cluster) {
  Transmission transmission{.time = time,
                            .slowdowns = slowdowns_beside(cluster.hardware.overlap, kind)};
  const std::optional<double> law = laws_of(cluster.runtime).traffic.compute_slowdown;
  transmission.slowdowns.compute = law.value_or(transmission.slowdowns.compute);
  return transmission;
}

// What of some traffic is left when the computation beside it has ended.
Seconds left_after(Seconds compute, std::initializer_list<Transmission> traffic) {
  return std::max(Seconds{}, overlapped_time(compute, traffic) - compute);
}

// A data group of which only a part shards reduces in two parts; they count as the first of them.
CollectiveKind reduction_of(Zero zero) {
  return zero == Zero::none ? CollectiveKind::all_reduce : CollectiveKind::reduce_scatter;
}

// What of some traffic a computation does not hide: all of it where they do not run at once.
Seconds exposed_time(const Transmission& traffic, Seconds compute, bool overlaps) {
  return overlaps ? left_after(compute, {traffic}) : traffic.time;
}

bool gathers_overlap(const Cluster& cluster) {
  return laws_of(cluster.runtime).traffic.gather == ParameterGather::overlapped;
}

// ZeRO 3: gathers for both passes, a reduction behind backward, for every micro-batch. A gather
// that goes ahead of its pass runs beside that of the neighbour, for which the layer's own stands.
void add_sharded_parameters(LayerCost& cost, const StateCost& states, const Cluster& cluster) {
  const StateTraffic& traffic = states.traffic;
  const Transmission gather = beside_compute(CollectiveKind::all_gather, traffic.gather, cluster);
  cost.forward += exposed_time(gather, cost.forward, states.gathers_ahead);
  cost.backward += exposed_time(gather, cost.backward, states.gathers_ahead) + traffic.reduce +
                   traffic.token_local;
}

// The same of another system; once per step where several stages keep what they gathered.
void add_sharded_by_laws(LayerCost& cost, const StateTraffic& traffic, const Cluster& cluster) {
  const TrafficLaws laws = laws_of(cluster.runtime).traffic;
  const bool overlaps = gathers_overlap(cluster);
  const Transmission gather = beside_compute(CollectiveKind::all_gather, traffic.gather, cluster);
  const Transmission reduce =
      beside_compute(CollectiveKind::reduce_scatter, traffic.reduce, cluster);
  if (laws.keeps_gathered && cluster.stages > 1) {
    cost.exposed_sync += exposed_time(gather, cost.forward, overlaps) +
                         exposed_time(reduce, cost.backward, overlaps) + traffic.token_local;
    return;
  }
  if (overlaps) {
    const Transmission meanwhile = beside_compute(CollectiveKind::reduce_scatter,
                                                  traffic.reduce - traffic.reduce_last, cluster);
    cost.forward += left_after(cost.forward, {gather});
    cost.backward +=
        left_after(cost.backward, {gather, meanwhile}) + traffic.reduce_last + traffic.token_local;
  } else {
    cost.forward += traffic.gather;
    cost.backward += traffic.gather;
    cost.backward += traffic.reduce + traffic.token_local;
  }
  if (!laws.copies_flat_buffers) return;
  cost.forward += traffic.gather_copy;
  cost.backward += traffic.gather_copy + traffic.reduce_copy;
}

}  // namespace

LayerCost layer_cost(const Layer& layer, const LayerSetting& setting, const Cluster& cluster) {
  assert(cluster.runtime.states[setting.precision]);
  const std::vector<ParameterUnit> units = parameter_units(layer, setting.strategy.tensor);
  const LayerPlacement placement = placement_of(setting, cluster);
  LayerCost cost =
      layer_times(layer_passes(layer, setting, cluster), state_cost(layer, units, setting, cluster),
                  setting.strategy.zero, cluster);
  cost.memory = memory_with_room(
      layer, placement, {.units = units, .activations = activation_memory(layer, placement)},
      cluster);
  return cost;
}

LayerMemory memory_with_room(const Layer& layer, const LayerPlacement& placement,
                             const LayerMemoryParts& parts, const Cluster& cluster) {
  const bool goes_ahead = !placement.laws && gains_by_overlap(cluster.hardware, cluster.runtime);
  LayerMemory memory = layer_memory(
      layer, placement, parts,
      goes_ahead ? most_gathered_ahead(layer, parts.units, placement) : GatheredAhead{});
  memory.transient = std::max(memory.transient, memory.ending - memory.saved);
  return memory;
}

LayerCost layer_times(const LayerPasses& passes, const StateCost& states, Zero zero,
                      const Cluster& cluster) {
  const StateTraffic& traffic = states.traffic;
  LayerCost cost{.forward = passes.forward,
                 .backward = passes.recompute + passes.backward + states.accumulate,
                 .optimizer = states.update};
  switch (zero) {
    case Zero::none:
    case Zero::optimizer:
      // The layer's own last backward stands for that of the layer before it, which runs meanwhile.
      cost.exposed_sync =
          exposed_time(beside_compute(reduction_of(zero), traffic.reduce, cluster), cost.backward,
                       cluster.runtime.gradient_sync != Traffic::blocking) +
          traffic.token_local;
      break;
    case Zero::gradients:
      cost.backward += traffic.reduce + traffic.token_local;
      break;
    case Zero::parameters:
      if (cluster.runtime.laws) {
        add_sharded_by_laws(cost, traffic, cluster);
      } else {
        add_sharded_parameters(cost, states, cluster);
      }
      break;
  }
  cost.exposed_sync += traffic.tied;
  if (zero == Zero::optimizer || zero == Zero::gradients) {
    // Beside the gather of updated parameters the layer's next forward may run.
    cost.optimizer +=
        exposed_time(beside_compute(CollectiveKind::all_gather, traffic.gather, cluster),
                     passes.forward, gathers_overlap(cluster));
  }
  cost.optimizer += states.owner_broadcast;
  return cost;
}

LayerPlacement placement_of(const LayerSetting& setting, const Cluster& cluster) {
  return {.strategy = setting.strategy,
          .group_tokens = setting.group_tokens,
          .precision = setting.precision,
          .tied_tables = setting.tied_tables,
          .states = *cluster.runtime.states[setting.precision],
          .attention = cluster.runtime.attention,
          .shard_ranks = shard_ranks(setting),
          .stages = cluster.stages,
          .laws = cluster.runtime.laws};
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
