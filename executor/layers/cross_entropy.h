// Cross-entropy over logits whose columns, the vocabulary, are split over the tensor group.
//
// The ranks exchange the largest logit and two sums per token, never the logits.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "executor/layers/tensor_axis.h"

namespace galvatron {

inline constexpr std::int64_t kIgnored = -100;  // the target of a position not trained on

struct Targets {
  at::Tensor tokens;      // [T] int64; -100 is ignored
  double normalizer = 1;  // divides the sum of the losses
  std::int64_t vocabulary = 0;
};

// logits is [T, columns of this rank]; columns past the vocabulary's end count as minus infinity.
// Returns an fp32 scalar, equal on all ranks of the group.
//
// Takes fp32 logits over: forward turns them into probabilities and backward, which may run once
// only, turns those into the gradient. bf16 logits are copied to fp32 first. On a GPU it takes over
// both: backward turns the logits into their gradient, and three numbers per token are kept.
at::Tensor vocabulary_cross_entropy(const TensorAxis& axis, const at::Tensor& logits,
                                    const Targets& targets);

}  // namespace galvatron
