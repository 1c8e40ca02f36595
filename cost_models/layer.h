// What one layer computes, stores and communicates, as a value.
//
// Everything that depends on the layer type stands here once: the parameter table serves counts,
// memory, sharding, initial weights and files; the product and saved-tensor tables serve time,
// memory and traffic. Layers of one type are equal values, which is how the search groups them.
// Sizes are those of the whole, unsharded layer; "per token" counts tokens of the samples that a
// tensor group works on together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cost_models/precision.h"

namespace galvatron {

enum class LayerKind { embedding, block, head };

// How an initial weight is drawn: normal(0, deviation), or a constant.
struct Initialization {
  enum class Kind { normal, zeros, ones } kind = Kind::normal;
  double deviation = 0.02;
  std::int64_t zero_row = -1;  // of a table: the row of the padding token; -1: none

  bool operator==(const Initialization&) const = default;
};

// One row of the parameter table. `name` is Hugging Face's, with {} for the block's number.
struct Parameter {
  std::string name{};
  std::vector<std::int64_t> shape{};
  int split_dimension = -1;  // which dimension the tensor axis splits; -1: replicated
  int parts = 1;             // equal sub-blocks along it, each split by itself (GPT-2's q|k|v: 3)
  bool pads = false;         // the split dimension grows to a multiple of the tensor degree
  Initialization initialization{};
  std::string tied_table{};  // name shared by every use of one table; empty: not tied
  // Seen by each rank of a tensor group for its own tokens only under sequence parallelism, so
  // that its gradient is a sum over the tensor group (norm weights, biases after a row product).
  bool token_local = false;
  // Of a tied table that is not split: every rank of the stages that use it holds it whole,
  // whatever their strategies, and each adds the gradient of its own samples and heads. Once per
  // step one sum over all these ranks.
  bool everywhere = false;

  bool operator==(const Parameter&) const = default;
};

// One matrix product y[T, outputs] = x[T, inputs] W. A column product splits outputs, a row
// product inputs, over the tensor group; a replicated one has its whole weight on every rank, which
// multiplies the tokens that it holds. Consecutive column products with shares_input multiply
// the same x, which is gathered and whose gradient is reduced once.
struct Product {
  enum class Split { column, row, replicated } split = Split::column;
  std::string name{};
  std::int64_t inputs = 0;
  std::int64_t outputs = 0;
  bool shares_input = false;
  // Multiplies so many of each sample's tokens: the class token alone, or the part of a T5
  // decoder's rows that it attends to. 0: all.
  std::int64_t tokens_per_sample = 0;

  bool operator==(const Product&) const = default;
};

// `windows` of each sample, in each of which so many queries attend to so many keys.
struct Attention {
  std::int64_t heads = 0;
  std::int64_t key_value_heads = 0;
  std::int64_t head_size = 0;
  bool causal = true;
  std::int64_t queries = 0;  // 0: the tokens of a sample
  std::int64_t keys = 0;     // 0: the tokens of a sample
  std::int64_t windows = 1;
  bool biased = false;  // by a learned table: no fused kernel, the scores are stored

  bool operator==(const Attention&) const = default;
};

enum class Element { compute, fp32, int64, byte };

// Bytes of one element when computing in `precision`.
constexpr std::int64_t element_bytes(Element element, Precision precision) {
  switch (element) {
    case Element::compute:
      return element_bytes(precision);
    case Element::fp32:
      return 4;
    case Element::int64:
      return 8;
    case Element::byte:
      return 1;
  }
  return 0;
}

// How a tensor's elements divide over the tensor group: not at all; over the ranks under sequence
// parallelism only; always (heads, MLP columns, vocabulary). `gathered` is a whole tensor that only
// sequence parallelism makes, beside the shard.
enum class Spread { whole, sequence, tensor, gathered };

// One tensor of a layer, counted in elements per token. In a Moment the count may be negative: a
// saved tensor that this moment no longer holds.
struct LayerTensor {
  std::string name{};
  std::int64_t elements_per_token = 0;
  Spread spread = Spread::sequence;
  Element element = Element::compute;
  std::int64_t tokens_per_sample = 0;  // that it has rows for; 0: the layer's
  std::int64_t samples_at_once = 0;    // that it lives for; 0: all of the tensor group's

  bool operator==(const LayerTensor&) const = default;
};

// A tensor that forward keeps for backward, under every recomputation up to `kept_until`: the
// block's input is kept even under full, a norm's output under none only.
struct SavedTensor {
  LayerTensor tensor{};
  enum class Kept { under_none, under_selective, always } kept = Kept::under_none;

  bool operator==(const SavedTensor&) const = default;
};

// A moment inside forward or backward that may be the layer's peak: what lives beside the saved
// tensors. The layer's transient is the largest moment.
struct Moment {
  std::string name{};
  std::vector<LayerTensor> live{};

  bool operator==(const Moment&) const = default;
};

// What an elementwise kernel does, as far as runtimes do it differently.
enum class StreamWork { other, norm, rotary, residual, activation, gated };

// An elementwise kernel: bytes it moves per token, in elements.
struct Stream {
  std::string name{};
  double forward_elements_per_token = 0;
  double backward_elements_per_token = 0;
  Spread spread = Spread::sequence;
  bool recomputed = false;  // done again by selective recomputation
  StreamWork work = StreamWork::other;

  bool operator==(const Stream&) const = default;
};

// A number that the tensor degree must divide, with the name users know it by.
struct DivisibleBy {
  std::string name{};
  std::int64_t value = 0;

  bool operator==(const DivisibleBy&) const = default;
};

struct Layer {
  std::string type{};
  LayerKind kind = LayerKind::block;
  // Of the activation that the layer makes (a head: of its logits); the layer before says what it
  // takes in.
  std::int64_t tokens_per_sample = 0;
  std::int64_t hidden = 0;
  std::int64_t vocabulary = 0;  // embedding, head and what looks up tokens
  std::vector<Parameter> parameters{};
  std::vector<Product> products{};
  std::vector<Attention> attentions{};
  std::vector<SavedTensor> saved{};
  std::vector<Stream> streams{};
  std::vector<Moment> forward_moments{};
  std::vector<Moment> backward_moments{};
  int forward_launches = 0;
  int backward_launches = 0;
  std::vector<DivisibleBy> tensor_divides{};
  std::int64_t looked_up = 0;  // tokens of each sample that a block looks up in a vocabulary table
  std::string whole_tokens_reason{};  // why there is no sequence parallelism here; empty: there is

  bool operator==(const Layer&) const = default;
};

// Of `own` tokens per sample, where 0 stands for the layer's.
constexpr std::int64_t tokens_or_all(const Layer& layer, std::int64_t own) {
  return own > 0 ? own : layer.tokens_per_sample;
}

// Where a tensor group works on `group_tokens` tokens of the layer: so many with `own` per sample.
constexpr std::int64_t group_tokens_of(const Layer& layer, std::int64_t group_tokens,
                                       std::int64_t own) {
  return own > 0 ? group_tokens / layer.tokens_per_sample * own : group_tokens;
}

}  // namespace galvatron
