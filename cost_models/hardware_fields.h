// The keys of a hardware profile, for reading, writing, `--set` and diffs.
#pragma once

#include "cost_models/hardware.h"
#include "cost_models/published_fields.h"

namespace galvatron {

template <MaybeConst<ProductTable> Object, typename Visit>
void for_each_field(Object& table, Visit visit) {
  auto& [m, n, k, time] = table;
  visit("m", m);
  visit("n", n);
  visit("k", k);
  for_each_field(time, visit);
}

template <MaybeConst<ProductLaw> Object, typename Visit>
void for_each_field(Object& law, Visit visit) {
  auto& [ceiling, half_depth, half_width, wave_exponent, misaligned, misaligned_batched, launch,
         origin, measured] = law;
  visit("ceiling", ceiling);
  visit("half_depth", half_depth);
  visit("half_width", half_width);
  visit("wave_exponent", wave_exponent);
  visit("misaligned", misaligned);
  visit("misaligned_batched", misaligned_batched);
  visit("launch_us", launch);
  visit("origin", origin);
  visit("measured", measured);
}

template <MaybeConst<AttentionLaw> Object, typename Visit>
void for_each_field(Object& law, Visit visit) {
  auto& [forward_ceiling, forward_half_waves, backward_ceiling, backward_half_waves,
         unfused_ceiling, flash2_share, origin] = law;
  visit("forward_ceiling", forward_ceiling);
  visit("forward_half_waves", forward_half_waves);
  visit("backward_ceiling", backward_ceiling);
  visit("backward_half_waves", backward_half_waves);
  visit("unfused_ceiling", unfused_ceiling);
  visit("flash2_share", flash2_share);
  visit("origin", origin);
}

template <MaybeConst<DeviceOverhead> Object, typename Visit>
void for_each_field(Object& overhead, Visit visit) {
  auto& [context, communicator, host_per_launch, host_per_step, origin] = overhead;
  visit("context_mib", context);
  visit("communicator_mib", communicator);
  visit("host_us_per_launch", host_per_launch);
  visit("host_us_per_step", host_per_step);
  visit("origin", origin);
}

template <MaybeConst<Device> Object, typename Visit>
void for_each_field(Object& device, Visit visit) {
  auto& [name, memory, memory_rate, memory_efficiency, stream_launch, multiprocessors, origin, peak,
         product, attention, overhead] = device;
  visit("name", name);
  visit("memory_gib", memory);
  visit("hbm_gb_per_s", memory_rate);
  visit("hbm_efficiency", memory_efficiency);
  visit("stream_launch_us", stream_launch);
  visit("multiprocessors", multiprocessors);
  visit("origin", origin);
  visit("peak_tflops", peak);
  visit("product", product);
  visit("attention", attention);
  visit("overhead", overhead);
}

template <MaybeConst<Latency> Object, typename Visit>
void for_each_field(Object& latency, Visit visit) {
  auto& [base, per_rank] = latency;
  visit("base", base);
  visit("per_rank", per_rank);
}

template <MaybeConst<Link> Object, typename Visit>
void for_each_field(Object& link, Visit visit) {
  auto& [rate_per_device, rate_per_node, efficiency, collective_efficiency, latency, bus,
         strided_bus, origin] = link;
  visit("gb_per_s_per_device", rate_per_device);
  visit("gb_per_s_per_node", rate_per_node);
  visit("efficiency", efficiency);
  visit("collective_efficiency", collective_efficiency);
  visit("latency_us", latency);
  visit("bus_gb_per_s", bus);
  visit("strided_bus_gb_per_s", strided_bus);
  visit("origin", origin);
}

template <MaybeConst<CollectiveOverlap> Object, typename Visit>
void for_each_field(Object& overlap, Visit visit) {
  auto& [compute_slowdown, traffic_slowdown] = overlap;
  visit("compute_slowdown", compute_slowdown);
  visit("traffic_slowdown", traffic_slowdown);
}

template <MaybeConst<Overlap> Object, typename Visit>
void for_each_field(Object& overlap, Visit visit) {
  auto& [compute_slowdown, traffic_slowdown, all_reduce, all_gather, reduce_scatter, all_to_all,
         send, origin] = overlap;
  visit("compute_slowdown", compute_slowdown);
  visit("traffic_slowdown", traffic_slowdown);
  visit("all_reduce", all_reduce);
  visit("all_gather", all_gather);
  visit("reduce_scatter", reduce_scatter);
  visit("all_to_all", all_to_all);
  visit("send", send);
  visit("origin", origin);
}

constexpr const auto& names_of(CollectiveKind) { return kCollectiveNames; }
constexpr const auto& names_of(GroupPlacement::Spacing) { return kSpacingNames; }

template <MaybeConst<CollectiveTable> Object, typename Visit>
void for_each_field(Object& table, Visit visit) {
  auto& [collective, placement, payload, time] = table;
  auto& [ranks, nodes, ranks_per_node, spacing] = placement;
  visit("collective", collective);
  visit("ranks", ranks);
  visit("nodes", nodes);
  visit("ranks_per_node", ranks_per_node);
  visit("placement", spacing);
  visit("payload_bytes", payload);
  for_each_field(time, visit);
}

template <MaybeConst<MeasuredCollectives> Object, typename Visit>
void for_each_field(Object& measured, Visit visit) {
  auto& [origin, tables] = measured;
  visit("origin", origin);
  visit("tables", tables);
}

template <MaybeConst<Hardware> Object, typename Visit>
void for_each_field(Object& hardware, Visit visit) {
  auto& [name, nodes, devices_per_node, device, intra_node, inter_node, overlap, collectives,
         published] = hardware;
  visit("name", name);
  visit("nodes", nodes);
  visit("devices_per_node", devices_per_node);
  visit("device", device);
  visit("intra_node", intra_node);
  visit("inter_node", inter_node);
  visit("overlap", overlap);
  visit("collectives", collectives);
  visit("published", published);
}

}  // namespace galvatron
