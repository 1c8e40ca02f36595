// Attention with a learned bias per head and relative position: softmax(q k^T + bias) v, the scores
// not divided by anything.
//
// No fused kernel gives the bias a gradient, so the probabilities are kept. Samples are worked on
// one after another: no tensor has to be copied to lie by heads, and what backward needs beside its
// results is one sample's.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "executor/layers/attention.h"
#include "executor/layers/dropout.h"
#include "executor/layers/position_buckets.h"

namespace galvatron {

// Which of the model's heads these are: what concerns all of them is drawn and stored by number.
struct HeadRange {
  std::int64_t first = 0;
  std::int64_t of = 0;  // heads of the model
};

struct PositionBias {
  at::Tensor table = {};  // [buckets, heads of the model]; undefined: no bias
  PositionBuckets buckets{};
};

struct RelativeAttention {
  AttentionShape shape{};  // keys may be as many as queries or not
  HeadRange heads{};
  PositionBias bias{};
  DropoutStream dropout{};        // of probabilities
  std::int64_t first_sample = 0;  // its number in the step's global batch
  Recompute recompute = Recompute::none;
};

// The shape of query, [samples * queries, heads held * head size]. Keeps query, key, value and,
// unless recomputation is selective, the probabilities; backward adds into the table's .grad.
at::Tensor relative_attention(const RelativeAttention& what, const AttentionInput& input);

}  // namespace galvatron
