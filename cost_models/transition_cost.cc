#include "cost_models/transition_cost.h"

#include "cost_models/collectives.h"

namespace galvatron {
namespace {

Bytes bytes_of(std::int64_t tokens, const ActivationShape& activation) {
  return Bytes{tokens * activation.hidden * element_bytes(activation.precision)};
}

Seconds one_way_time(const Layout& from, const Layout& to, const ActivationShape& activation,
                     const Cluster& cluster) {
  const RedistributionShape shape = redistribution_shape(
      from, to, {.devices = cluster.devices_per_stage, .tokens = activation.tokens});
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
  return collective_time({.kind = kind, .payload = bytes_of(shape.payload_tokens, activation)},
                         stage_placement({shape.group.size, shape.group.stride}, cluster),
                         cluster.hardware);
}

std::int64_t tokens_per_rank(const Layout& layout, const ActivationShape& activation) {
  return activation.tokens / layout.data / sequence_split(layout);
}

}  // namespace

TransitionCost transition_cost(const Layout& from, const Layout& to,
                               const ActivationShape& activation, const Cluster& cluster) {
  if (from == to) return {};
  const RedistributionShape shape = redistribution_shape(
      from, to, {.devices = cluster.devices_per_stage, .tokens = activation.tokens});
  if (shape.kind == Redistribution::Kind::none) return {};
  return {.forward = one_way_time(from, to, activation, cluster),
          .backward = one_way_time(to, from, activation, cluster),
          .transient = bytes_of(tokens_per_rank(from, activation) + tokens_per_rank(to, activation),
                                activation)};
}

TransitionCost enter_cost(const Layout& layout, const ActivationShape& activation,
                          const Cluster& cluster) {
  TransitionCost cost =
      transition_cost(canonical_layout(cluster.devices_per_stage), layout, activation, cluster);
  cost.backward += transfer_time(activation, cluster);
  return cost;
}

TransitionCost leave_cost(const Layout& layout, const ActivationShape& activation,
                          const Cluster& cluster) {
  TransitionCost cost =
      transition_cost(layout, canonical_layout(cluster.devices_per_stage), activation, cluster);
  cost.forward += transfer_time(activation, cluster);
  return cost;
}

Bytes transfer_bytes(const ActivationShape& activation, const Cluster& cluster) {
  return bytes_of(activation.tokens / cluster.devices_per_stage, activation);
}

Seconds transfer_time(const ActivationShape& activation, const Cluster& cluster) {
  return collective_time(
      {.kind = CollectiveKind::send, .payload = transfer_bytes(activation, cluster)},
      pipeline_placement(cluster), cluster.hardware);
}

}  // namespace galvatron
