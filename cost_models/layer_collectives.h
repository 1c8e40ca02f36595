// The communication of one layer's forward and backward over its tensor group.
//
// Without sequence parallelism activations are replicated in the group: a row product ends in an
// all-reduce of its output, backward of a column product in one of its input's gradient. With it
// each rank holds 1/t of the tokens: a column product gathers its input, a row product
// reduce-scatters its output, backward does the transposes and gathers every column input once more
// for the weight gradient (only the shard is kept), unless a runtime keeps it whole. The table of
// the embedding and of the head is split over the vocabulary; the loss needs the group's largest
// logit and two sums per token.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cost_models/layer.h"
#include "cost_models/strategy.h"
#include "cost_models/units.h"

namespace galvatron {

enum class CollectiveKind { all_reduce, all_gather, reduce_scatter, all_to_all, send, receive };

inline constexpr NamedValues<CollectiveKind, 6> kCollectiveNames{
    {{CollectiveKind::all_reduce, "all_reduce"},
     {CollectiveKind::all_gather, "all_gather"},
     {CollectiveKind::reduce_scatter, "reduce_scatter"},
     {CollectiveKind::all_to_all, "all_to_all"},
     {CollectiveKind::send, "send"},
     {CollectiveKind::receive, "receive"}}};

// `payload`: bytes of the full, unsharded buffer; for send, receive and all-to-all what one rank
// passes on.
struct Collective {
  CollectiveKind kind = CollectiveKind::all_reduce;
  Bytes payload{};

  bool operator==(const Collective&) const = default;
};

// How sequence parallelism gathers what it splits: our own executor's way.
struct SequenceGathers {
  bool inputs_again = true;    // in backward, for the weight gradient: only the shard was kept
  bool one_byte_each = false;  // quantized to fp8 before they travel

  bool operator==(const SequenceGathers&) const = default;
};

// Full recomputation repeats `forward` before `backward`; selective repeats none of it.
struct LayerCollectives {
  std::vector<Collective> forward{};
  std::vector<Collective> backward{};

  bool operator==(const LayerCollectives&) const = default;
};

// Whether products[index] multiplies the same input as the product before it: a column product that
// shares its input, directly after another column product.
bool joins_previous_input(const std::vector<Product>& products, std::size_t index);

// Whether products[index] is a column product that brings an input of its own.
bool takes_column_input(const std::vector<Product>& products, std::size_t index);

// The samples of one micro-batch that one tensor group works on: T = samples x tokens_per_sample.
LayerCollectives layer_collectives(const Layer& layer, const Layout& layout,
                                   std::int64_t group_tokens, Precision precision,
                                   const SequenceGathers& gathers = {});

}  // namespace galvatron
