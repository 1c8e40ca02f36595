// The first token of each sample, which stands for the whole of it.
#pragma once

#include <ATen/core/Tensor.h>

#include "executor/layers/block.h"
#include "executor/layers/tensor_axis.h"

namespace galvatron {

struct ClassTokens {
  at::Tensor rows;      // [class tokens held, hidden], fresh; under sequence parallelism maybe none
  at::Tensor residual;  // all rows
  at::Tensor samples;   // [class tokens held] int64: which of the group's samples each stands for
};

// Backward adds the class tokens' gradient to the residual's, in place; that has to be fresh.
// Keeps nothing.
ClassTokens class_tokens(const BlockContext& context, const at::Tensor& input);

// What a classifier of class tokens learns from.
struct ClassTargets {
  at::Tensor classes;     // [samples] int64; -100 is ignored
  double normalizer = 1;  // divides the sum of the losses
};

// The cross-entropy of logits [class tokens held, classes], an fp32 scalar that is equal on all
// ranks of the tensor group: under sequence parallelism the sum over them. Keeps log-probabilities.
at::Tensor class_loss(const BlockContext& context, const ClassTokens& tokens,
                      const at::Tensor& logits, const ClassTargets& targets);

}  // namespace galvatron
