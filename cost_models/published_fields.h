// The keys of a hardware profile's `published` section, for reading, writing and diffs.
#pragma once

#include "cost_models/fields.h"
#include "cost_models/published_costs.h"

namespace galvatron {

constexpr const auto& names_of(PublishedLayerKind) { return kPublishedLayerKindNames; }
constexpr const auto& names_of(MicroBatchRule) { return kMicroBatchRuleNames; }

template <MaybeConst<RingTime> Object, typename Visit>
void for_each_field(Object& ring, Visit visit) {
  auto& [pipeline, ranks, consecutive, strided] = ring;
  visit("pipeline", pipeline);
  visit("ranks", ranks);
  visit("consecutive", consecutive);
  visit("strided", strided);
}

template <MaybeConst<PublishedLayer> Object, typename Visit>
void for_each_field(Object& layer, Visit visit) {
  auto& [kind, count, parameters_mib, forward_ms, tokens, hidden, activation_mib] = layer;
  visit("kind", kind);
  visit("count", count);
  visit("parameters_mib", parameters_mib);
  visit("forward_ms", forward_ms);
  visit("tokens", tokens);
  visit("hidden", hidden);
  visit("activation_mib", activation_mib);
}

template <MaybeConst<PublishedModel> Object, typename Visit>
void for_each_field(Object& model, Visit visit) {
  auto& [name, origin, micro_batches, overhead_ms, other_states_mib, other_activation_mib, layers] =
      model;
  visit("name", name);
  visit("origin", origin);
  visit("micro_batches", micro_batches);
  visit("overhead_ms", overhead_ms);
  visit("other_states_mib", other_states_mib);
  visit("other_activation_mib", other_activation_mib);
  visit("layers", layers);
}

template <MaybeConst<PublishedCosts> Object, typename Visit>
void for_each_field(Object& costs, Visit visit) {
  auto& [origin, context_mib, backward_over_forward, compute_slowdown, traffic_slowdown,
         gathered_share, time_factor, unsharding_ms, measured_layers, ring_ms_per_mib, models] =
      costs;
  visit("origin", origin);
  visit("context_mib", context_mib);
  visit("backward_over_forward", backward_over_forward);
  visit("compute_slowdown", compute_slowdown);
  visit("traffic_slowdown", traffic_slowdown);
  visit("gathered_share", gathered_share);
  visit("time_factor", time_factor);
  visit("unsharding_ms", unsharding_ms);
  visit("measured_layers", measured_layers);
  visit("ring_ms_per_mib", ring_ms_per_mib);
  visit("models", models);
}

}  // namespace galvatron
