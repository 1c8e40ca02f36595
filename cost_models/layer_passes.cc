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

struct TensorTraffic {
  const LayerSetting& setting;
  const Cluster& cluster;
  GroupPlacement placement{};

  Seconds time(const std::vector<Collective>& collectives) const {
    Seconds sum;
    for (const Collective& collective : collectives) {
      sum += collective_time(collective, placement, cluster.hardware);
    }
    return sum;
  }
};

// What of the backward traffic of one column input hides: the reduction of its gradient and the
// second gather of the input run beside the weight gradients of products[first] and of those that
// share its input.
Seconds hidden_time(const TensorTraffic& tensor, const Layer& layer, std::size_t first) {
  const LayerSetting& setting = tensor.setting;
  const std::vector<Product>& products = layer.products;
  const Layer alone{.kind = LayerKind::block,
                    .tokens_per_sample = layer.tokens_per_sample,
                    .products = {products[first]}};
  const Seconds traffic = tensor.time(
      layer_collectives(alone, layout_of(setting.strategy), setting.group_tokens, setting.precision)
          .backward);
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
  Seconds traffic{};
  Seconds hidden{};  // of the traffic
  Seconds recompute{};
  Seconds launch{};
};

Seconds device_time(const DevicePass& pass) {
  return pass.compute + pass.traffic - pass.hidden + pass.recompute;
}

Seconds time_of(const DevicePass& pass) { return std::max(device_time(pass), pass.launch); }

PassParts parts_of(const DevicePass& pass) {
  return {.compute = pass.compute,
          .recompute = pass.recompute,
          .tensor = pass.traffic - pass.hidden,
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
  const LayerCollectives collectives =
      layer_collectives(layer, layout, setting.group_tokens, setting.precision);
  const LayerCompute compute = layer_compute(layer, setting, cluster);
  const Seconds launch =
      cluster.hardware.device.overhead.host_per_launch.value_or(cluster.runtime.host_per_launch);
  DevicePasses passes{
      .forward = {.compute = compute.forward,
                  .traffic = tensor.time(collectives.forward),
                  .launch = launch * layer.forward_launches},
      .backward = {.compute = compute.backward,
                   .traffic = tensor.time(collectives.backward),
                   .launch = launch * (kBackwardLaunchShare * layer.backward_launches)}};
  if (layout.tensor > 1 && cluster.runtime.tensor_backward == Traffic::overlapped) {
    passes.backward.hidden = hidden_time(tensor, layer);
  }
  if (setting.strategy.recompute == Recompute::selective) {
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
