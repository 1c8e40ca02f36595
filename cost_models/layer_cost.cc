#include "cost_models/layer_cost.h"

#include <algorithm>
#include <cassert>

#include "cost_models/collectives.h"
#include "cost_models/layer_collectives.h"
#include "cost_models/layer_compute.h"
#include "cost_models/overlap.h"
#include "cost_models/parameter_units.h"

namespace galvatron {
namespace {

constexpr double kHiddenTrafficSlowdown = 1.1;  // of tensor traffic beside a product
constexpr double kBackwardLaunchShare = 0.5;    // of forward's: no Python between the kernels

// The layer with everything that its costs are computed from.
struct Subject {
  const Layer& layer;
  const LayerSetting& setting;
  const Cluster& cluster;
  GroupPlacement tensor_group{};
  GroupPlacement data_group{};
};

Subject subject_of(const Layer& layer, const LayerSetting& setting, const Cluster& cluster) {
  const Layout layout = layout_of(setting.strategy);
  const RankGroup tensor = tensor_group(layout, 0);
  const RankGroup data = data_group(layout, 0);
  return {.layer = layer,
          .setting = setting,
          .cluster = cluster,
          .tensor_group = stage_placement({tensor.size, tensor.stride}, cluster),
          .data_group = stage_placement({data.size, data.stride}, cluster)};
}

Seconds tensor_time(const Subject& subject, const Collective& collective) {
  return collective_time(collective, subject.tensor_group, subject.cluster.hardware);
}

Seconds data_time(const Subject& subject, CollectiveKind kind, std::int64_t bytes) {
  return collective_time({.kind = kind, .payload = Bytes{bytes}}, subject.data_group,
                         subject.cluster.hardware);
}

Seconds total_time(const Subject& subject, const std::vector<Collective>& collectives) {
  Seconds sum;
  for (const Collective& collective : collectives) sum += tensor_time(subject, collective);
  return sum;
}

// The reduction of each column input's gradient, and the second gather of that input, may run
// beside the weight gradients of the products which share it: this much less is seen of them.
Seconds hidden_tensor_time(const Subject& subject) {
  const LayerSetting& setting = subject.setting;
  if (subject.cluster.runtime.tensor_backward == Traffic::blocking || setting.strategy.tensor == 1) {
    return {};
  }
  const std::vector<Product>& products = subject.layer.products;
  Seconds hidden;
  for (std::size_t i = 0; i < products.size(); ++i) {
    if (products[i].split == Product::Split::row || joins_previous_input(products, i)) continue;
    Layer alone{.kind = LayerKind::block, .products = {products[i]}};
    const LayerCollectives collectives =
        layer_collectives(alone, layout_of(setting.strategy), setting.group_tokens,
                          setting.precision);
    Seconds products_time;
    for (std::size_t j = i; j == i || (j < products.size() && joins_previous_input(products, j));
         ++j) {
      products_time += weight_gradient_time(local_shape(products[j], setting),
                                            subject.cluster.hardware.device, setting.precision);
    }
    const Seconds traffic = total_time(subject, collectives.backward);
    hidden += traffic - std::max(Seconds{}, traffic * kHiddenTrafficSlowdown - products_time);
  }
  return hidden;
}

// Traffic of the layer's parameters and gradients, all units together.
struct StateTraffic {
  Seconds gather{};        // whole parameters in compute precision, from their shards
  Seconds reduce{};        // gradients over the data group
  Seconds token_local{};   // the tail of the gradient over the tensor group
  Seconds tied{};          // a table's gradient over the stages that hold it
  std::int64_t updated = 0;  // elements that this device's optimizer works on
};

bool is_reduced_elsewhere(const ParameterUnit& unit, const LayerSetting& setting) {
  return !unit.tied_table.empty() &&
         setting.tied_tables == LayerPlacement::TiedTables::held_elsewhere;
}

StateTraffic state_traffic(const Subject& subject, const StateBytes& states) {
  const Strategy& strategy = subject.setting.strategy;
  const std::int64_t width = element_bytes(subject.setting.precision);
  const bool all_reduces = strategy.zero == Zero::none;
  StateTraffic traffic;
  for (const ParameterUnit& unit : parameter_units(subject.layer, strategy.tensor)) {
    const std::int64_t elements = unit_elements(unit, strategy);
    const bool is_elsewhere = is_reduced_elsewhere(unit, subject.setting);
    // A shared table is used, and under ZeRO 3 gathered, by each of its layers.
    if (strategy.zero == Zero::parameters || !is_elsewhere) {
      traffic.gather += data_time(subject, CollectiveKind::all_gather, elements * width);
    }
    // Reduced after each micro-batch, each layer's part goes its own way; else they add up first.
    if (strategy.zero >= Zero::gradients || !is_elsewhere) {
      traffic.reduce += data_time(
          subject, all_reduces ? CollectiveKind::all_reduce : CollectiveKind::reduce_scatter,
          elements * states.gradient);
    }
    if (strategy.sequence_parallel && unit.token_local_elements > 0) {
      traffic.token_local +=
          tensor_time(subject, {.kind = CollectiveKind::all_reduce,
                                .payload = Bytes{unit.token_local_elements * states.gradient}});
    }
    if (is_elsewhere) continue;
    traffic.updated += shard_elements(unit, strategy);
    if (!unit.tied_table.empty() && subject.cluster.stages > 1) {
      const Bytes held{shard_elements(unit, strategy) * states.gradient};
      traffic.tied += collective_time({.kind = CollectiveKind::all_reduce, .payload = held},
                                      pipeline_placement(subject.cluster),
                                      subject.cluster.hardware);
    }
  }
  return traffic;
}

Seconds host_per_launch(const Cluster& cluster) {
  return cluster.hardware.device.overhead.host_per_launch.value_or(cluster.runtime.host_per_launch);
}

// One micro-batch, without the traffic of parameters and gradients.
PassTimes pass_times(const Subject& subject) {
  const LayerCompute compute = layer_compute(subject.layer, subject.setting, subject.cluster);
  const LayerCollectives collectives =
      layer_collectives(subject.layer, layout_of(subject.setting.strategy),
                        subject.setting.group_tokens, subject.setting.precision);
  const Seconds forward_traffic = total_time(subject, collectives.forward);
  const Seconds backward_traffic =
      total_time(subject, collectives.backward) - hidden_tensor_time(subject);
  const bool repeats_forward = subject.setting.strategy.recompute == Recompute::full;

  const Seconds launch = host_per_launch(subject.cluster);
  const double forward_launches = subject.layer.forward_launches;
  const double backward_launches = subject.layer.backward_launches * kBackwardLaunchShare +
                                   (repeats_forward ? forward_launches : 0);
  return {.forward = std::max(compute.forward + forward_traffic, launch * forward_launches),
          .backward = std::max(compute.backward + compute.recompute + backward_traffic +
                                   (repeats_forward ? forward_traffic : Seconds{}),
                               launch * backward_launches)};
}

Seconds update_time(const Subject& subject, std::int64_t elements) {
  const auto& update = subject.cluster.runtime.update[subject.setting.precision];
  assert(update);
  const std::int64_t clip = subject.setting.clipping == Clipping::global_norm ? update->clip : 0;
  return stream_time(static_cast<double>(elements * (update->optimizer + clip)),
                     subject.cluster.hardware.device);
}

}  // namespace

LayerCost layer_cost(const Layer& layer, const LayerSetting& setting, const Cluster& cluster) {
  const auto& states = cluster.runtime.states[setting.precision];
  assert(states);
  const Subject subject = subject_of(layer, setting, cluster);
  const PassTimes passes = pass_times(subject);
  const StateTraffic traffic = state_traffic(subject, *states);
  const Zero zero = setting.strategy.zero;

  LayerCost cost{.forward = passes.forward, .backward = passes.backward};
  if (zero == Zero::parameters) {
    cost.forward += traffic.gather;
    cost.backward += traffic.gather;
  }
  if (zero >= Zero::gradients) {
    cost.backward += traffic.reduce + traffic.token_local;
  } else {
    const bool overlaps = cluster.runtime.gradient_sync == Traffic::overlapped;
    const Seconds exposed =
        overlaps ? overlapped_time(cost.backward, traffic.reduce, cluster.hardware.overlap) -
                       cost.backward
                 : traffic.reduce;
    cost.exposed_sync = std::max(Seconds{}, exposed) + traffic.token_local;
  }
  cost.exposed_sync += traffic.tied;
  if (traffic.updated > 0) cost.optimizer = update_time(subject, traffic.updated);
  if (zero == Zero::optimizer || zero == Zero::gradients) cost.optimizer += traffic.gather;
  cost.memory = layer_memory(layer, {.strategy = setting.strategy,
                                     .group_tokens = setting.group_tokens,
                                     .precision = setting.precision,
                                     .tied_tables = setting.tied_tables,
                                     .states = *states,
                                     .attention = cluster.runtime.attention});
  return cost;
}

Seconds step_overhead(const Cluster& cluster) {
  return collective_time({.kind = CollectiveKind::all_reduce, .payload = kNormPayload},
                         world_placement(cluster), cluster.hardware) +
         cluster.hardware.device.overhead.host_per_step.value_or(cluster.runtime.host_per_step);
}

}  // namespace galvatron
