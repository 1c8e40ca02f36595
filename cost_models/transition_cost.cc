#include "cost_models/transition_cost.h"

#include <cassert>
#include <numeric>

#include "cost_models/collectives.h"

namespace galvatron {
namespace {

Bytes bytes_of(std::int64_t tokens, const ActivationShape& activation) {
  return Bytes{tokens * activation.hidden * element_bytes(activation.precision)};
}

Seconds one_way_time(const RedistributionShape& shape, Bytes payload, const Cluster& cluster) {
  switch (shape.kind) {
    case Redistribution::Kind::none:
    case Redistribution::Kind::slice:
      return {};
    case Redistribution::Kind::all_gather:
    case Redistribution::Kind::all_to_all:
      break;
  }
  const CollectiveKind kind = shape.kind == Redistribution::Kind::all_gather
                                  ? CollectiveKind::all_gather
                                  : CollectiveKind::all_to_all;
  return collective_time(
      {.kind = kind, .payload = payload},
      stage_placement({.size = shape.group.size, .stride = shape.group.stride}, cluster),
      cluster.hardware);
}

std::int64_t parts(const Layout& layout) {
  return std::int64_t{layout.data} * sequence_split(layout);
}

}  // namespace

LayoutChange layout_change(const Layout& from, const Layout& to, int devices) {
  const std::int64_t tokens = std::lcm(parts(from), parts(to));
  const StageTokens stage{.devices = devices, .tokens = tokens};
  return {.from = from,
          .to = to,
          .tokens = tokens,
          .forward = redistribution_shape(from, to, stage),
          .backward = redistribution_shape(to, from, stage)};
}

TransitionCost transition_cost(const LayoutChange& change, const ActivationShape& activation,
                               const Cluster& cluster) {
  if (change.forward.kind == Redistribution::Kind::none) return {};
  assert(activation.tokens % change.tokens == 0);
  const std::int64_t scale = activation.tokens / change.tokens;
  const auto bytes = [&](std::int64_t tokens) { return bytes_of(tokens * scale, activation); };
  return {
      .forward = one_way_time(change.forward, bytes(change.forward.payload_tokens), cluster),
      .backward = one_way_time(change.backward, bytes(change.backward.payload_tokens), cluster),
      .transient = bytes(change.tokens / parts(change.from) + change.tokens / parts(change.to))};
}

TransitionCost transition_cost(const Layout& from, const Layout& to,
                               const ActivationShape& activation, const Cluster& cluster) {
  if (from == to) return {};
  return transition_cost(layout_change(from, to, cluster.devices_per_stage), activation, cluster);
}

TransitionCost enter_cost(const LayoutChange& entering, const ActivationShape& activation,
                          const Cluster& cluster) {
  TransitionCost cost = transition_cost(entering, activation, cluster);
  cost.backward += transfer_time(activation, cluster);
  return cost;
}

TransitionCost enter_cost(const Layout& layout, const ActivationShape& activation,
                          const Cluster& cluster) {
  const int devices = cluster.devices_per_stage;
  return enter_cost(layout_change(canonical_layout(devices), layout, devices), activation, cluster);
}

TransitionCost leave_cost(const LayoutChange& leaving, const ActivationShape& activation,
                          const Cluster& cluster) {
  TransitionCost cost = transition_cost(leaving, activation, cluster);
  cost.forward += transfer_time(activation, cluster);
  return cost;
}

TransitionCost leave_cost(const Layout& layout, const ActivationShape& activation,
                          const Cluster& cluster) {
  const int devices = cluster.devices_per_stage;
  return leave_cost(layout_change(layout, canonical_layout(devices), devices), activation, cluster);
}

Bytes transfer_bytes(const ActivationShape& activation, const Cluster& cluster) {
  return bytes_of(activation.tokens / cluster.devices_per_stage, activation);
}

Seconds transfer_time(const ActivationShape& activation, const Cluster& cluster) {
  return collective_time(
             {.kind = CollectiveKind::send, .payload = transfer_bytes(activation, cluster)},
             pipeline_placement(cluster), cluster.hardware) *
         (1 - laws_of(cluster.runtime).traffic.hidden_send_share);
}

}  // namespace galvatron
