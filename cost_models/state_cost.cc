#include "cost_models/state_cost.h"

#include <algorithm>
#include <cassert>
#include <optional>

#include "cost_models/collectives.h"
#include "cost_models/compute.h"
#include "cost_models/gather_ahead.h"

namespace galvatron {
namespace {

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

// What a runtime needs at least that gathers and reduces ZeRO 3's parameters one by one.
Seconds least_state_time(Bytes payload, const LayerSetting& setting, const Cluster& cluster) {
  const std::optional<BytesPerSecond> rate = laws_of(cluster.runtime).traffic.state_rate;
  const int ranks = shard_ranks(setting);
  if (!rate || setting.strategy.zero != Zero::parameters) return {};
  return payload / *rate * (static_cast<double>(ranks - 1) / ranks);
}

// Bytes of a gathered parameter.
std::int64_t gathered_width(const Layer& layer, const LayerSetting& setting,
                            const Cluster& cluster) {
  const bool in_fp8 = setting.precision == Precision::fp8 && layer.kind == LayerKind::block &&
                      setting.strategy.zero == Zero::parameters &&
                      laws_of(cluster.runtime).traffic.fp8_parameters;
  return in_fp8 ? 1 : element_bytes(setting.precision);
}

void add_unit(StateTraffic& traffic, const ParameterUnit& unit, std::int64_t gathered,
              const LayerSetting& setting, const Cluster& cluster) {
  if (unit.everywhere) return;
  const Strategy strategy = sharding_strategy(setting);
  const Layout layout = layout_of(setting.strategy);
  const std::int64_t width = element_bytes(setting.precision);
  const std::int64_t gradient = reduced_bytes(*cluster.runtime.states[setting.precision]);
  const auto time = [&](CollectiveKind kind, std::int64_t bytes, const GroupPlacement& group) {
    return collective_time({.kind = kind, .payload = Bytes{bytes}}, group, cluster.hardware);
  };
  const auto limited = [&](Seconds unlimited, std::int64_t bytes) {
    return std::max(unlimited, least_state_time(Bytes{bytes}, setting, cluster));
  };
  const std::int64_t elements = unit_elements(unit, strategy);
  const bool elsewhere = is_elsewhere(unit, setting);
  // Under ZeRO 3 every use of a table gathers it, and under ZeRO 2 and 3 every use reduces its own
  // gradient; otherwise all uses add to one whole gradient first.
  if (strategy.zero == Zero::parameters || !elsewhere) {
    const std::int64_t bytes = elements * gathered;
    traffic.gather +=
        limited(time(CollectiveKind::all_gather, bytes, shard_placement(setting, cluster)), bytes);
    traffic.gather_copy +=
        stream_time(static_cast<double>(elements * 2 * gathered), cluster.hardware.device);
  }
  if (strategy.zero >= Zero::gradients || !elsewhere) {
    const std::int64_t bytes = elements * gradient;
    traffic.reduce += limited(reduce_time(Bytes{bytes}, setting, cluster), bytes);
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

Seconds accumulation_time(const ParameterUnit& unit, const LayerSetting& setting,
                          const Cluster& cluster) {
  const std::int64_t bytes = cluster.runtime.update[setting.precision]->accumulate;
  if (bytes == 0 || unit.everywhere || is_elsewhere(unit, setting)) return {};
  const std::int64_t elements = unit_elements(unit, sharding_strategy(setting));
  return stream_time(static_cast<double>(elements * bytes), cluster.hardware.device);
}

Seconds unit_update_time(const ParameterUnit& unit, const LayerSetting& setting,
                         const Cluster& cluster) {
  if (unit.everywhere || is_elsewhere(unit, setting)) return {};
  return whole_update_time(shard_elements(unit, sharding_strategy(setting)), setting, cluster);
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

StateCost state_cost(const Layer& layer, const std::vector<ParameterUnit>& units,
                     const LayerSetting& setting, const Cluster& cluster) {
  StateCost cost{.gathers_ahead = may_gather_ahead(layer) &&
                                  gains_by_overlap(cluster.hardware, cluster.runtime)};
  for (const ParameterUnit& unit : units) {
    add_unit(cost.traffic, unit, gathered_width(layer, setting, cluster), setting, cluster);
    cost.update += unit_update_time(unit, setting, cluster);
    cost.accumulate += accumulation_time(unit, setting, cluster);
  }
  const bool waits = laws_of(cluster.runtime).traffic.table_gradients == TableGradients::at_the_end;
  if (waits && layer.kind == LayerKind::head) cost.traffic.reduce_last = cost.traffic.reduce;
  cost.owner_broadcast = owner_broadcast_time(layer, setting, cluster);
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

Seconds whole_update_time(std::int64_t elements, const LayerSetting& setting,
                          const Cluster& cluster) {
  const Seconds update = update_time(elements, setting.precision, cluster);
  return setting.clipping == Clipping::none
             ? update
             : update + clip_time(elements, setting.precision, cluster);
}

}  // namespace galvatron
