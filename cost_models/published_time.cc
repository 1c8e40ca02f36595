#include "cost_models/published_time.h"

#include <algorithm>
#include <cassert>

#include "cost_models/overlap.h"
#include "cost_models/published_micro_batches.h"

namespace galvatron {
namespace {

constexpr double kMilliseconds = 1e-3;
constexpr double kMib = 1 << 20;
constexpr double kBytesPerElement = 4;  // fp32

enum class Spacing { consecutive, strided };

// Of one MiB of ring volume.
Seconds ring_time(int ranks, Spacing spacing, const PublishedSetting& setting) {
  if (ranks == 1) return {};
  const std::vector<RingTime>& rings = setting.costs.ring_ms_per_mib;
  const auto ring = std::find_if(rings.begin(), rings.end(), [&](const RingTime& candidate) {
    return candidate.pipeline == setting.pipeline && candidate.ranks == ranks;
  });
  assert(ring != rings.end());
  const double milliseconds =
      spacing == Spacing::consecutive ? ring->consecutive : ring->strided.value();
  return {milliseconds * kMilliseconds};
}

Seconds tensor_ring_time(const Strategy& strategy, const PublishedSetting& setting) {
  const bool strided = splits_both(strategy) && strategy.order == Order::data_inner;
  return ring_time(strategy.tensor, strided ? Spacing::strided : Spacing::consecutive, setting);
}

Seconds data_ring_time(const Strategy& strategy, const PublishedSetting& setting) {
  const bool strided = splits_both(strategy) && strategy.order == Order::tensor_inner;
  return ring_time(strategy.data, strided ? Spacing::strided : Spacing::consecutive, setting);
}

constexpr double ring_volume(int ranks, double payload) {
  return 2.0 * (ranks - 1) / ranks * payload;
}

// One device's times for one layer, before pipelining.
struct LayerTimes {
  Seconds forward{};
  Seconds backward{};
  Seconds data_traffic{};
  Seconds tensor_traffic{};
  Seconds overhead{};
};

// Activations that pass over the tensor group per layer: one all-reduce forward and one backward
// for each attention and for the MLP.
double activations_reduced(PublishedLayerKind kind) {
  return kind == PublishedLayerKind::decoder ? 6 : 4;
}

LayerTimes layer_times(const PublishedLayer& layer, const Strategy& strategy,
                       const PublishedSetting& setting) {
  const double samples = samples_per_rank(strategy, setting);
  const double activation_mib = samples * static_cast<double>(layer.tokens * layer.hidden) *
                                activations_reduced(layer.kind) * kBytesPerElement / kMib;
  LayerTimes times;
  times.forward = {layer.forward_ms * kMilliseconds * samples / strategy.tensor};
  times.backward = times.forward * setting.costs.backward_over_forward;
  times.data_traffic = data_ring_time(strategy, setting) *
                       ring_volume(strategy.data, layer.parameters_mib / strategy.tensor);
  times.tensor_traffic =
      tensor_ring_time(strategy, setting) * ring_volume(strategy.tensor, activation_mib);
  if (strategy.data > 1) {
    times.overhead = {setting.model.overhead_ms * kMilliseconds / setting.costs.measured_layers};
  }
  return times;
}

// The share of the backward pass that gradient traffic may run beside, where both degrees exceed 1.
double overlapped_share(PublishedLayerKind kind, const Strategy& strategy, int pipeline) {
  if (pipeline > 1) return 0.5;
  if (kind == PublishedLayerKind::decoder) return 2.0 / 3;
  return strategy.tensor < strategy.data ? 1 : 0.5;
}

Seconds overlapped(Seconds compute, Seconds traffic, const PublishedCosts& costs) {
  return overlapped_time(compute, traffic,
                         {.compute = costs.compute_slowdown, .traffic = costs.traffic_slowdown});
}

// Backward and gradient traffic of a data-parallel layer, one part per stage of the pipeline.
Seconds backward_in_parts(const LayerTimes& times, Zero zero, const PublishedSetting& setting) {
  const double parts = setting.pipeline;
  const Seconds compute = times.backward / parts;
  const Seconds traffic = times.data_traffic / parts;
  const Seconds slow_compute = compute * setting.costs.compute_slowdown;
  const Seconds left_over = traffic - slow_compute / setting.costs.traffic_slowdown;
  if (left_over > Seconds{} && zero == Zero::none) return parts * slow_compute + left_over;
  return parts * overlapped(compute, traffic, setting.costs);
}

Seconds unpipelined_time(const LayerTimes& times, const PublishedLayer& layer,
                         const Strategy& strategy, const PublishedSetting& setting) {
  if (strategy.data == 1) return times.forward + times.backward + times.tensor_traffic;
  if (strategy.tensor == 1) {
    return times.forward + backward_in_parts(times, strategy.zero, setting) + times.overhead;
  }
  const double share = overlapped_share(layer.kind, strategy, setting.pipeline);
  return times.forward + (1 - share) * times.backward +
         overlapped(share * times.backward, times.data_traffic, setting.costs) +
         times.tensor_traffic + times.overhead;
}

}  // namespace

Seconds published_layer_time(const PublishedLayer& layer, const Strategy& strategy,
                             const PublishedSetting& setting) {
  const LayerTimes times = layer_times(layer, strategy, setting);
  Seconds time = unpipelined_time(times, layer, strategy, setting);
  if (setting.pipeline > 1) {
    const double stages = setting.pipeline;
    const double micro_batches = published_micro_batches(strategy, setting);
    const Seconds pipelined = times.forward + times.backward + times.tensor_traffic;
    time += pipelined * ((stages + micro_batches - 1) / (stages * micro_batches) - 1);
  }
  if (strategy.zero == Zero::parameters) time += 0.5 * times.data_traffic;
  return time * setting.costs.time_factor;
}

PublishedTimeParts published_layer_parts(const PublishedLayer& layer, const Strategy& strategy,
                                         const PublishedSetting& setting) {
  const LayerTimes times = layer_times(layer, strategy, setting);
  const double factor = setting.costs.time_factor;
  const double stages = setting.pipeline;
  const double micro_batches = published_micro_batches(strategy, setting);
  const Seconds pipelined = times.forward + times.backward + times.tensor_traffic;
  Seconds data = unpipelined_time(times, layer, strategy, setting) - pipelined - times.overhead;
  if (strategy.zero == Zero::parameters) data += 0.5 * times.data_traffic;
  return {.compute = (times.forward + times.backward) * (factor / stages),
          .tensor = times.tensor_traffic * (factor / stages),
          .data = data * factor,
          .bubble = pipelined * (factor * (stages - 1) / (stages * micro_batches)),
          .overhead = times.overhead * factor};
}

Seconds published_transition_time(const Strategy& from, const Strategy& to,
                                  const PublishedSetting& setting) {
  const bool otherwise_placed = splits_both(from) && splits_both(to) && from.order != to.order;
  const bool moves =
      to.tensor > from.tensor || (to.tensor == from.tensor && otherwise_placed) ||
      (setting.pipeline == 1 && from.tensor == 4 && to.tensor == 2 && otherwise_placed);
  if (moves) {
    const double samples = samples_per_rank(to, setting);
    return tensor_ring_time(to, setting) * ring_volume(to.tensor, samples);
  }
  const bool only_unshards =
      layout_of(from) == layout_of(to) && from.zero == Zero::parameters && to.zero == Zero::none;
  return only_unshards ? Seconds{setting.costs.unsharding_ms * kMilliseconds} : Seconds{};
}

}  // namespace galvatron
