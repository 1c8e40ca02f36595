#include "cost_models/layer_passes.h"

#include <algorithm>
#include <cstddef>

#include "cost_models/collectives.h"
#include "cost_models/layer_collectives.h"
#include "cost_models/layer_compute.h"

namespace galvatron {
namespace {

constexpr double kHiddenTrafficSlowdown = 1.1;  // of tensor traffic beside a product
constexpr double kBackwardLaunchShare = 0.5;    // of forward's: the engine launches from C++

// What is recomputed but for half of its products gathers its inputs again whatever was kept.
SequenceGathers sequence_gathers(const Layer& layer, const LayerSetting& setting,
                                 const TrafficLaws& laws) {
  const bool is_fp8 = setting.precision == Precision::fp8 && layer.kind == LayerKind::block;
  return {.inputs_again = laws.gathered_inputs == GatheredInputs::sharded ||
                          setting.strategy.recompute == Recompute::op,
          .one_byte_each = is_fp8 && laws.fp8_activations};
}

struct TensorTraffic {
  const LayerSetting& setting;
  const Cluster& cluster;
  GroupPlacement placement{};

  LayerCollectives of(const Layer& layer) const {
    return layer_collectives(layer, layout_of(setting.strategy), setting.group_tokens,
                             setting.precision,
                             sequence_gathers(layer, setting, laws_of(cluster.runtime).traffic));
  }

  Seconds time(const std::vector<Collective>& collectives) const {
    Seconds sum;
    for (const Collective& collective : collectives) {
      sum += collective_time(collective, placement, cluster.hardware);
    }
    return sum * (1 - laws_of(cluster.runtime).traffic.hidden_tensor_share);
  }
};

// The other ranks' keys and values come round the ring of a context group while attention computes
// on those at hand; backward, their gradients come too. What is left when attention alone, of
// `attention`, has ended.
PassTimes exposed_ring_time(const Layer& layer, const LayerSetting& setting, const Cluster& cluster,
                            const PassTimes& attention) {
  if (setting.context == 1) return {};
  const int tensor = setting.strategy.tensor;
  const GroupPlacement placement =
      stage_placement({.size = setting.context, .stride = tensor}, cluster);
  Seconds ring;
  for (const Attention& part : layer.attentions) {
    const std::int64_t width = 2 * part.key_value_heads * part.head_size / tensor;
    const Bytes payload{setting.group_tokens * width * element_bytes(setting.precision)};
    ring += collective_time({.kind = CollectiveKind::send, .payload = payload},
                            {.ranks = 2, .nodes = placement.nodes > 1 ? 2 : 1}, cluster.hardware) *
            (setting.context - 1);
  }
  return {.forward = std::max(Seconds{}, ring - attention.forward),
          .backward = std::max(Seconds{}, ring * 2 - attention.backward)};
}

// A pass ends when device and host have ended; a host that cannot run ahead adds some of the
// shorter to the longer.
Seconds with_host(Seconds device, Seconds host, const HostLaws& laws) {
  return std::max(device, host) + std::min(device, host) * laws.exposed_share;
}

Seconds launch_time(const LayerSetting& setting, const Cluster& cluster) {
  const Seconds launch =
      cluster.hardware.device.overhead.host_per_launch.value_or(cluster.runtime.host_per_launch);
  const double straggler = laws_of(cluster.runtime).host.straggler_share;
  return launch * (1 + straggler * (setting.strategy.tensor - 1));
}

struct Launches {
  int forward = 0;
  int backward = 0;
};

Launches launches_of(const Layer& layer, const KernelLaws& kernels) {
  if (layer.kind != LayerKind::block) return {layer.forward_launches, layer.backward_launches};
  return {kernels.forward_launches.value_or(layer.forward_launches),
          kernels.backward_launches.value_or(layer.backward_launches)};
}

// What of the backward traffic of one column input hides: the reduction of its gradient and the
// second gather of the input run beside the weight gradients of products[first] and of those that
// share its input.
Seconds hidden_time(const TensorTraffic& tensor, const Layer& layer, std::size_t first) {
  const LayerSetting& setting = tensor.setting;
  const std::vector<Product>& products = layer.products;
  const Layer alone{.kind = LayerKind::block,
                    .tokens_per_sample = layer.tokens_per_sample,
                    .products = {products[first]}};
  const Seconds traffic = tensor.time(tensor.of(alone).backward);
  Seconds weight_gradients;
  for (std::size_t i = first; i < products.size(); ++i) {
    if (i > first && !joins_previous_input(products, i)) break;
    weight_gradients += weight_gradient_time(local_shape(layer, products[i], setting),
                                             tensor.cluster.hardware.device, setting.precision);
  }
  return traffic - std::max(Seconds{}, traffic * kHiddenTrafficSlowdown - weight_gradients);
}

Seconds hidden_time(const TensorTraffic& tensor, const Layer& layer) {
  Seconds hidden;
  for (std::size_t i = 0; i < layer.products.size(); ++i) {
    if (takes_column_input(layer.products, i)) hidden += hidden_time(tensor, layer, i);
  }
  return hidden;
}

// One pass as the device runs it, and how long its launches take the host.
struct DevicePass {
  Seconds compute{};
  Seconds traffic{};  // of the tensor group
  Seconds hidden{};   // of that
  Seconds recompute{};
  Seconds ring{};  // of the context group, what is exposed of it
  Seconds launch{};
  HostLaws host{};
};

Seconds device_time(const DevicePass& pass) {
  return pass.compute + pass.traffic - pass.hidden + pass.recompute + pass.ring;
}

Seconds time_of(const DevicePass& pass) {
  return with_host(device_time(pass), pass.launch, pass.host);
}

PassParts parts_of(const DevicePass& pass) {
  return {.compute = pass.compute,
          .recompute = pass.recompute,
          .tensor = pass.traffic - pass.hidden + pass.ring,
          .launch = time_of(pass) - device_time(pass)};
}

struct DevicePasses {
  DevicePass forward{};
  DevicePass backward{};
};

DevicePasses device_passes(const Layer& layer, const LayerSetting& setting,
                           const Cluster& cluster) {
  const Layout layout = layout_of(setting.strategy);
  const TensorTraffic tensor{
      .setting = setting, .cluster = cluster, .placement = tensor_placement(layout, cluster)};
  const LayerCollectives collectives = tensor.of(layer);
  const LayerCompute compute = layer_compute(layer, setting, cluster);
  const PassTimes ring = exposed_ring_time(layer, setting, cluster, compute.attention);
  const RuntimeLaws laws = laws_of(cluster.runtime);
  const bool is_measured = compute.source == LayerCompute::Source::profile;
  const Seconds launch = is_measured ? Seconds{} : launch_time(setting, cluster);
  const Launches launches = launches_of(layer, laws.kernels);
  DevicePasses passes{.forward = {.compute = compute.forward,
                                  .traffic = tensor.time(collectives.forward),
                                  .ring = ring.forward,
                                  .launch = launch * launches.forward,
                                  .host = laws.host},
                      .backward = {.compute = compute.backward,
                                   .traffic = tensor.time(collectives.backward),
                                   .ring = ring.backward,
                                   .launch = launch * (kBackwardLaunchShare * launches.backward),
                                   .host = laws.host}};
  if (layout.tensor > 1 && cluster.runtime.tensor_backward == Traffic::overlapped) {
    passes.backward.hidden = hidden_time(tensor, layer);
  }
  const Recompute recompute = setting.strategy.recompute;
  if (recompute == Recompute::selective || recompute == Recompute::op) {
    passes.backward.recompute = compute.recompute;
  }
  return passes;
}

}  // namespace

LayerPasses layer_passes(const Layer& layer, const LayerSetting& setting, const Cluster& cluster) {
  const DevicePasses device = device_passes(layer, setting, cluster);
  LayerPasses passes{.forward = time_of(device.forward), .backward = time_of(device.backward)};
  if (setting.strategy.recompute == Recompute::full) passes.recompute = passes.forward;
  return passes;
}

LayerPassParts layer_pass_parts(const Layer& layer, const LayerSetting& setting,
                                const Cluster& cluster) {
  const DevicePasses device = device_passes(layer, setting, cluster);
  return {.forward = parts_of(device.forward), .backward = parts_of(device.backward)};
}

}  // namespace galvatron
