// The keys of a user's own layers in a model YAML.
#pragma once

#include "cost_models/layer.h"
#include "planner/model/model_fields.h"

namespace galvatron {

// Counts of a tensor; of a moment they may be negative.
inline constexpr Range kElementsRange = between(-(1LL << 40), 1LL << 40);
inline constexpr Range kWidthRange = between(1, 1 << 28);
inline constexpr Range kTokensRange = between(0, 1 << 28);

template <MaybeConst<Parameter> Object, typename Visit>
void for_each_field(Object& parameter, Visit visit) {
  auto& [name, shape, split_dimension, parts, pads, initialization, tied_table, token_local,
         everywhere] = parameter;
  auto& [kind, deviation, zero_row] = initialization;
  visit(Field{"name", {}, Presence::required}, name);
  visit(Field{"shape", kWidthRange, Presence::required}, shape);
  visit(Field{"split_dimension", between(-1, 7)}, split_dimension);
  visit(Field{"parts", between(1, 64)}, parts);
  visit(Field{"pads"}, pads);
  visit(Field{"initialization"}, kind);
  visit(Field{"deviation", kDeviationRange}, deviation);
  visit(Field{"zero_row", between(-1, kVocabularyRange.most)}, zero_row);
  visit(Field{"tied_table"}, tied_table);
  visit(Field{"token_local"}, token_local);
  visit(Field{"everywhere"}, everywhere);
}

template <MaybeConst<Product> Object, typename Visit>
void for_each_field(Object& product, Visit visit) {
  auto& [split, name, inputs, outputs, shares_input, tokens_per_sample] = product;
  visit(Field{"name"}, name);
  visit(Field{"split", {}, Presence::required}, split);
  visit(Field{"inputs", kWidthRange, Presence::required}, inputs);
  visit(Field{"outputs", kWidthRange, Presence::required}, outputs);
  visit(Field{"shares_input"}, shares_input);
  visit(Field{"tokens_per_sample", kTokensRange}, tokens_per_sample);
}

template <MaybeConst<Attention> Object, typename Visit>
void for_each_field(Object& attention, Visit visit) {
  auto& [heads, key_value_heads, head_size, causal, queries, keys, windows, biased] = attention;
  visit(Field{"heads", kHeadsRange, Presence::required}, heads);
  visit(Field{"key_value_heads", kHeadsRange, Presence::required}, key_value_heads);
  visit(Field{"head_size", kHeadSizeRange, Presence::required}, head_size);
  visit(Field{"causal"}, causal);
  visit(Field{"queries", kTokensRange}, queries);
  visit(Field{"keys", kTokensRange}, keys);
  visit(Field{"windows", between(1, kTokensRange.most)}, windows);
  visit(Field{"biased"}, biased);
}

template <MaybeConst<LayerTensor> Object, typename Visit>
void for_each_field(Object& tensor, Visit visit) {
  auto& [name, elements_per_token, spread, element, tokens_per_sample, samples_at_once] = tensor;
  visit(Field{"name"}, name);
  visit(Field{"elements_per_token", kElementsRange, Presence::required}, elements_per_token);
  visit(Field{"spread", {}, Presence::required}, spread);
  visit(Field{"element"}, element);
  visit(Field{"tokens_per_sample", kTokensRange}, tokens_per_sample);
  visit(Field{"samples_at_once", kTokensRange}, samples_at_once);
}

template <MaybeConst<SavedTensor> Object, typename Visit>
void for_each_field(Object& saved, Visit visit) {
  auto& [tensor, kept] = saved;
  for_each_field(tensor, visit);
  visit(Field{"kept", {}, Presence::required}, kept);
}

template <MaybeConst<Moment> Object, typename Visit>
void for_each_field(Object& moment, Visit visit) {
  auto& [name, live] = moment;
  visit(Field{"name"}, name);
  visit(Field{"live"}, live);
}

template <MaybeConst<Stream> Object, typename Visit>
void for_each_field(Object& stream, Visit visit) {
  auto& [name, forward, backward, spread, recomputed, work] = stream;
  visit(Field{"name"}, name);
  visit(Field{"forward_elements_per_token", between(0, 1e12)}, forward);
  visit(Field{"backward_elements_per_token", between(0, 1e12)}, backward);
  visit(Field{"spread", {}, Presence::required}, spread);
  visit(Field{"recomputed"}, recomputed);
  visit(Field{"work"}, work);
}

template <MaybeConst<DivisibleBy> Object, typename Visit>
void for_each_field(Object& divisible, Visit visit) {
  auto& [name, value] = divisible;
  visit(Field{"name", {}, Presence::required}, name);
  visit(Field{"value", kWidthRange, Presence::required}, value);
}

template <MaybeConst<CarriedTensor> Object, typename Visit>
void for_each_field(Object& edge, Visit visit) {
  auto& [tensor, from, to, elements_per_token] = edge;
  visit(Field{"tensor", {}, Presence::required}, tensor);
  visit(Field{"from", between(0, kLayersRange.most), Presence::required}, from);
  visit(Field{"to", between(0, kLayersRange.most), Presence::required}, to);
  visit(Field{"elements_per_token", kHiddenRange, Presence::required}, elements_per_token);
}

// Without tokens_per_sample, which is the model's sequence length.
template <MaybeConst<Layer> Object, typename Visit>
void for_each_field(Object& layer, Visit visit) {
  auto& [type, kind, tokens_per_sample, hidden, vocabulary, parameters, products, attentions, saved,
         streams, forward_moments, backward_moments, forward_launches, backward_launches,
         tensor_divides, looked_up, whole_tokens_reason] = layer;
  static_cast<void>(tokens_per_sample);
  visit(Field{"type", {}, Presence::required}, type);
  visit(Field{"kind"}, kind);
  visit(Field{"hidden", kHiddenRange, Presence::required}, hidden);
  visit(Field{"vocabulary", between(0, kVocabularyRange.most)}, vocabulary);
  visit(Field{"parameters"}, parameters);
  visit(Field{"products"}, products);
  visit(Field{"attentions"}, attentions);
  visit(Field{"saved"}, saved);
  visit(Field{"streams"}, streams);
  visit(Field{"forward_moments"}, forward_moments);
  visit(Field{"backward_moments"}, backward_moments);
  visit(Field{"forward_launches", between(0, 10000)}, forward_launches);
  visit(Field{"backward_launches", between(0, 10000)}, backward_launches);
  visit(Field{"tensor_divides"}, tensor_divides);
  visit(Field{"looked_up", between(0, kPositionsRange.most)}, looked_up);
  visit(Field{"whole_tokens_reason"}, whole_tokens_reason);
}

}  // namespace galvatron
