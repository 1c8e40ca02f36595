// The keys of a runtime file, for reading, writing and diffs, and the words of its enumerations.
#pragma once

#include "cost_models/runtime.h"

namespace galvatron {

constexpr const auto& names_of(AttentionKernel) { return kAttentionKernelNames; }
constexpr const auto& names_of(Traffic) { return kTrafficNames; }
constexpr const auto& names_of(Zero) { return kZeroNames; }
constexpr const auto& names_of(Recompute) { return kRecomputeNames; }
constexpr const auto& names_of(Order) { return kOrderNames; }
constexpr const auto& names_of(Schedule) { return kScheduleNames; }

template <MaybeConst<StateBytes> Object, typename Visit>
void for_each_field(Object& states, Visit visit) {
  auto& [weight, gradient, master, moments] = states;
  visit("weight", weight);
  visit("gradient", gradient);
  visit("master", master);
  visit("moments", moments);
}

template <MaybeConst<UpdateBytes> Object, typename Visit>
void for_each_field(Object& update, Visit visit) {
  auto& [optimizer, clip] = update;
  visit("optimizer", optimizer);
  visit("clip", clip);
}

template <MaybeConst<Space> Object, typename Visit>
void for_each_field(Object& space, Visit visit) {
  auto& [layer_wise, uneven_stages, sequence_parallel, zero, recompute, order, schedule] = space;
  visit("layer_wise", layer_wise);
  visit("uneven_stages", uneven_stages);
  visit("sequence_parallel", sequence_parallel);
  visit("zero", zero);
  visit("recompute", recompute);
  visit("order", order);
  visit("schedule", schedule);
}

template <MaybeConst<Runtime> Object, typename Visit>
void for_each_field(Object& runtime, Visit visit) {
  auto& [name, origin, attention, tensor_backward, gradient_sync, cross_entropy_bytes_per_logit,
         host_per_launch, host_per_step, states, update, space] = runtime;
  visit("name", name);
  visit("origin", origin);
  visit("attention", attention);
  visit("tensor_backward", tensor_backward);
  visit("gradient_sync", gradient_sync);
  visit("cross_entropy_bytes_per_logit", cross_entropy_bytes_per_logit);
  visit("host_us_per_launch", host_per_launch);
  visit("host_us_per_step", host_per_step);
  visit("state_bytes", states);
  visit("update_bytes", update);
  visit("space", space);
}

}  // namespace galvatron
