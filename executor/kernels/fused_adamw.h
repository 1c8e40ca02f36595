// AdamW over a flat shard in one pass over memory.
#pragma once

#include <ATen/core/Tensor.h>

namespace galvatron {

// Each [elements], contiguous; they may begin at any element of a larger buffer.
struct AdamWShard {
  at::Tensor weights;        // fp32, updated
  at::Tensor gradient;       // fp32, read, then zero
  at::Tensor first_moment;   // fp32, updated
  at::Tensor second_moment;  // fp32, updated
  at::Tensor copy = {};      // bf16, becomes the weights rounded; undefined: none
};

struct AdamWStep {
  double learning_rate = 0;
  double beta1 = 0;
  double beta2 = 0;
  double epsilon = 0;
  double weight_decay = 0;
  double updates = 0;  // this one included
};

// w -= lr wd w, then w -= lr m' / (sqrt(v') + epsilon) with m' and v' corrected for their start.
// Source: Loshchilov & Hutter, "Decoupled Weight Decay Regularization", 2019.
void fused_adamw(const AdamWShard& shard, const AdamWStep& step);

}  // namespace galvatron
