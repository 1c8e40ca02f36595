// Attention whose scores get a learned bias: softmax(scale q k^T + bias + mask) v.
//
// No fused kernel gives the bias a gradient, so the probabilities are stored.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "cost_models/strategy.h"
#include "executor/layers/dropout.h"

namespace galvatron {

// Of this rank's heads. A sequence is what attends to itself or to another: a sample, or a window
// of one. Keys may be as many as queries or not.
struct AttentionHeads {
  at::Tensor query;  // [sequences, heads, queries, head size], contiguous
  at::Tensor key;    // [sequences, heads, keys, head size], contiguous
  at::Tensor value;
};

struct ScoreTerms {
  double scale = 1;
  at::Tensor bias = {};  // [1, heads, queries, keys], which gets its gradient; undefined: none
  std::function<at::Tensor()> bias_again = {};  // makes it where the scores are computed again
  // Makes [masks, 1, queries or 1, keys], added to the scores: sequence i gets mask i % masks. Made
  // again where the scores are computed again; empty: none.
  std::function<at::Tensor()> mask = {};
};

// [sequences, heads, queries, head size], fresh.
//
// Keeps query, key and value, and the probabilities unless recomputation is selective.
// `probabilities` drops of them: its rows are sequences, its columns heads x queries x
// keys.
struct AttentionRun {
  Recompute recompute = Recompute::none;
  DropoutSite probabilities = {};
};
at::Tensor biased_attention(const AttentionRun& run, const ScoreTerms& terms,
                            const AttentionHeads& heads);

// [sequences * tokens, heads * head size] -> [sequences, heads, tokens, head size], contiguous, and
// back. Both copy.
struct HeadShape {
  std::int64_t sequences = 0;
  std::int64_t head_size = 0;
};
at::Tensor split_heads(const HeadShape& shape, const at::Tensor& rows);
at::Tensor merge_heads(const at::Tensor& heads);

// The bias that a table holds: element (h, i, j) is table[index[i, j], h]. table [rows, heads],
// index [queries, keys] int64 -> [1, heads, queries, keys], fresh. Keeps the index.
at::Tensor bias_from_table(const at::Tensor& table, const at::Tensor& index);

}  // namespace galvatron
