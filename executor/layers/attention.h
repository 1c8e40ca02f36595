// Fused softmax attention on the heads of one rank: softmax(q k^T / sqrt(head size)) v.
//
// The kernel never stores the scores; it keeps their log-sum-exp.
// Source: Dao et al., "FlashAttention", 2022.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace galvatron {

struct AttentionShape {
  std::int64_t samples = 0;
  std::int64_t head_size = 0;
  bool causal = true;
  at::Tensor mask = {};  // [samples, 1, 1, sequence], added to the scores; undefined: none
};

struct AttentionInput {
  at::Tensor query;  // [samples * sequence, heads * head size]
  at::Tensor key;    // [samples * sequence, key-value heads * head size]
  at::Tensor value;
};

// The shape of query. Query head h attends to key-value head h / (heads / key-value heads).
// Keeps all three, the output, the mask, and the log-sum-exp in fp32 (on a GPU also a few bytes of
// the kernel's own).
at::Tensor attention(const AttentionShape& shape, const AttentionInput& input);

}  // namespace galvatron
