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
  Seconds reduce{};       // gradients over the data group
  Seconds token_local{};  // the tail of the gradient over the tensor group
  Seconds tied{};         // a table's gradient over the stages that hold it
};

// A table that another layer of the stage stores; that layer also updates it.
bool is_elsewhere(const ParameterUnit& unit, const LayerSetting& setting) {
  return !unit.tied_table.empty() &&
         setting.tied_tables == LayerPlacement::TiedTables::held_elsewhere;
}

void add_unit(StateTraffic& traffic, const ParameterUnit& unit, const LayerSetting& setting,
              const Cluster& cluster) {
  if (unit.everywhere) return;
  const Strategy& strategy = setting.strategy;
  const Layout layout = layout_of(strategy);
  const std::int64_t width = element_bytes(setting.precision);
  const std::int64_t gradient = cluster.runtime.states[setting.precision]->gradient;
  const auto time = [&](CollectiveKind kind, std::int64_t bytes, const GroupPlacement& group) {
    return collective_time({.kind = kind, .payload = Bytes{bytes}}, group, cluster.hardware);
  };
  const std::int64_t elements = unit_elements(unit, strategy);
  const bool elsewhere = is_elsewhere(unit, setting);
  // Under ZeRO 3 every use of a table gathers it, and under ZeRO 2 and 3 every use reduces its own
  // gradient; otherwise all uses add to one whole gradient first.
  if (strategy.zero == Zero::parameters || !elsewhere) {
    traffic.gather +=
        time(CollectiveKind::all_gather, elements * width, data_placement(layout, cluster));
  }
  if (strategy.zero >= Zero::gradients || !elsewhere) {
    const CollectiveKind kind =
        strategy.zero == Zero::none ? CollectiveKind::all_reduce : CollectiveKind::reduce_scatter;
    traffic.reduce += time(kind, elements * gradient, data_placement(layout, cluster));
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
  return whole_update_time(shard_elements(unit, setting.strategy), setting, cluster);
}

// What of the reduction is left when the layer's own last backward has ended: that stands for the
// backward of the layer before it, which runs meanwhile.
Seconds exposed_time(Seconds reduce, Seconds backward, const Cluster& cluster) {
  if (cluster.runtime.gradient_sync == Traffic::blocking) return reduce;
  return std::max(Seconds{},
                  overlapped_time(backward, reduce, cluster.hardware.overlap) - backward);
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

  if (zero == Zero::parameters) {
    cost.forward += traffic.gather;
    cost.backward += traffic.gather;
  }
  if (zero >= Zero::gradients) {
    cost.backward += traffic.reduce + traffic.token_local;
    cost.exposed_sync = traffic.tied;
  } else {
    cost.exposed_sync = exposed_time(traffic.reduce, passes.recompute + passes.backward, cluster) +
                        traffic.token_local + traffic.tied;
  }
  if (zero == Zero::optimizer || zero == Zero::gradients) cost.optimizer += traffic.gather;
  cost.memory = layer_memory(layer, {.strategy = setting.strategy,
                                     .group_tokens = setting.group_tokens,
                                     .precision = setting.precision,
                                     .tied_tables = setting.tied_tables,
                                     .states = *cluster.runtime.states[setting.precision],
                                     .attention = cluster.runtime.attention});
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
  const std::int64_t width = cluster.runtime.states[setting.precision]->gradient;
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
