// The keys of a model profile, for reading and writing.
#pragma once

#include "cost_models/model_profile.h"

namespace galvatron {

constexpr const auto& names_of(Precision) { return kPrecisionNames; }

template <MaybeConst<ProfiledLayer> Object, typename Visit>
void for_each_field(Object& layer, Visit visit) {
  auto& [type, identity, tensor, sequence_parallel, samples, forward, backward, selective, saved,
         forward_peak, backward_peak] = layer;
  visit("type", type);
  visit("identity", identity);
  visit("tensor", tensor);
  visit("sequence_parallel", sequence_parallel);
  visit("samples", samples);
  visit("forward", forward);
  visit("backward", backward);
  visit("selective_recompute", selective);
  visit("saved_bytes", saved);
  visit("forward_peak_bytes", forward_peak);
  visit("backward_peak_bytes", backward_peak);
}

template <MaybeConst<ModelProfile> Object, typename Visit>
void for_each_field(Object& profile, Visit visit) {
  auto& [model, device, precision, dropout, origin, layers] = profile;
  visit("model", model);
  visit("device", device);
  visit("precision", precision);
  visit("dropout", dropout);
  visit("origin", origin);
  visit("layers", layers);
}

}  // namespace galvatron
