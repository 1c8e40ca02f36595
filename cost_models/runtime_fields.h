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
constexpr const auto& names_of(Elementwise) { return kElementwiseNames; }
constexpr const auto& names_of(ProductGrouping) { return kProductGroupingNames; }
constexpr const auto& names_of(SelectiveRecompute) { return kSelectiveRecomputeNames; }
constexpr const auto& names_of(FlashKernel) { return kFlashKernelNames; }
constexpr const auto& names_of(ContextSplit) { return kContextSplitNames; }
constexpr const auto& names_of(ParameterGather) { return kParameterGatherNames; }
constexpr const auto& names_of(TableGradients) { return kTableGradientsNames; }
constexpr const auto& names_of(GatheredInputs) { return kGatheredInputsNames; }
constexpr const auto& names_of(TransferBuffers) { return kTransferBuffersNames; }
constexpr const auto& names_of(StageSplit) { return kStageSplitNames; }
constexpr const auto& names_of(HeadRecompute) { return kHeadRecomputeNames; }
constexpr const auto& names_of(PricedAxis) { return kPricedAxisNames; }

template <MaybeConst<StateBytes> Object, typename Visit>
void for_each_field(Object& states, Visit visit) {
  auto& [weight, gradient, master, moments, reduced] = states;
  visit("weight", weight);
  visit("gradient", gradient);
  visit("master", master);
  visit("moments", moments);
  visit("reduced", reduced);
}

template <MaybeConst<UpdateBytes> Object, typename Visit>
void for_each_field(Object& update, Visit visit) {
  auto& [optimizer, clip, accumulate] = update;
  visit("optimizer", optimizer);
  visit("clip", clip);
  visit("accumulate", accumulate);
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

template <MaybeConst<KernelLaws> Object, typename Visit>
void for_each_field(Object& kernels, Visit visit) {
  auto& [elementwise, products, selective, flash, context_split, fp8_cast_bytes, fp8_requantizes,
         forward_launches, backward_launches] = kernels;
  visit("elementwise", elementwise);
  visit("products", products);
  visit("selective", selective);
  visit("flash", flash);
  visit("context_split", context_split);
  visit("fp8_cast_bytes", fp8_cast_bytes);
  visit("fp8_requantizes", fp8_requantizes);
  visit("forward_launches", forward_launches);
  visit("backward_launches", backward_launches);
}

template <MaybeConst<TrafficLaws> Object, typename Visit>
void for_each_field(Object& traffic, Visit visit) {
  auto& [hidden_tensor_share, hidden_send_share, compute_slowdown, gather, copies_flat_buffers,
         keeps_gathered, owner_broadcast, gathered_inputs, fp8_parameters, fp8_activations,
         table_gradients, state_rate] = traffic;
  visit("hidden_tensor_share", hidden_tensor_share);
  visit("hidden_send_share", hidden_send_share);
  visit("compute_slowdown", compute_slowdown);
  visit("gather", gather);
  visit("copies_flat_buffers", copies_flat_buffers);
  visit("keeps_gathered", keeps_gathered);
  visit("owner_broadcast_us", owner_broadcast);
  visit("gathered_inputs", gathered_inputs);
  visit("fp8_parameters", fp8_parameters);
  visit("fp8_activations", fp8_activations);
  visit("table_gradients", table_gradients);
  visit("state_gb_per_s", state_rate);
}

template <MaybeConst<HostLaws> Object, typename Visit>
void for_each_field(Object& host, Visit visit) {
  auto& [exposed_share, straggler_share] = host;
  visit("exposed_share", exposed_share);
  visit("straggler_share", straggler_share);
}

template <MaybeConst<StageLaws> Object, typename Visit>
void for_each_field(Object& stages, Visit visit) {
  auto& [split, head] = stages;
  visit("split", split);
  visit("head_recompute", head);
}

template <MaybeConst<MemoryLaws> Object, typename Visit>
void for_each_field(Object& memory, Visit visit) {
  auto& [loss_bytes_per_logit, wide_bytes, unscattered_bytes, widest_weight_bytes,
         head_weight_bytes, head_logit_bytes, recomputed_share, gathered_layers, allocator_share,
         transfers] = memory;
  visit("loss_bytes_per_logit", loss_bytes_per_logit);
  visit("wide_bytes", wide_bytes);
  visit("unscattered_bytes", unscattered_bytes);
  visit("widest_weight_bytes", widest_weight_bytes);
  visit("head_weight_bytes", head_weight_bytes);
  visit("head_logit_bytes", head_logit_bytes);
  visit("recomputed_share", recomputed_share);
  visit("gathered_layers", gathered_layers);
  visit("allocator_share", allocator_share);
  visit("transfers", transfers);
}

template <MaybeConst<RuntimeLaws> Object, typename Visit>
void for_each_field(Object& laws, Visit visit) {
  auto& [kernels, traffic, host, stages, memory, estimates] = laws;
  visit("kernels", kernels);
  visit("traffic", traffic);
  visit("host", host);
  visit("stages", stages);
  visit("memory", memory);
  visit("estimates", estimates);
}

template <MaybeConst<Runtime> Object, typename Visit>
void for_each_field(Object& runtime, Visit visit) {
  auto& [name, origin, attention, tensor_backward, gradient_sync, cross_entropy_bytes_per_logit,
         host_per_launch, host_per_step, states, update, space, laws] = runtime;
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
  visit("laws", laws);
}

}  // namespace galvatron
